package org.simclrspark.driver.report;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * A small file in a run directory on any Hadoop file system, replaced as a whole or appended to.
 */
final class RunFile {

  private final FileSystem fileSystem;
  private final Path path;
  private final boolean appendable;

  RunFile(Path path, Configuration configuration) throws IOException {
    FileSystem found = path.getFileSystem(configuration);
    // The checksummed local file system cannot append; the one below it can.
    this.fileSystem = found instanceof LocalFileSystem local ? local.getRaw() : found;
    this.path = fileSystem.makeQualified(path);
    this.appendable = fileSystem.hasPathCapability(this.path, CommonPathCapabilities.FS_APPEND);
  }

  /** Whether the file system can append; an object store cannot. */
  boolean appendable() {
    return appendable;
  }

  boolean exists() throws IOException {
    return fileSystem.exists(path);
  }

  /** Length in bytes. */
  long length() throws IOException {
    return fileSystem.getFileStatus(path).getLen();
  }

  byte[] read() throws IOException {
    try (InputStream in = fileSystem.open(path)) {
      return in.readAllBytes();
    }
  }

  /** Opens the file for appending and makes it if it does not exist. */
  FSDataOutputStream append() throws IOException {
    return exists() ? fileSystem.append(path) : fileSystem.create(path, false);
  }

  /** Replaces the file: a reader sees the old content or the new, whenever the writer dies. */
  void replace(byte[] content) throws IOException {
    if (!appendable) {
      // An object appears when its stream is closed, so that writing in place is already atomic.
      write(path, content);
      return;
    }
    Path temporary = new Path(path.getParent(), "." + path.getName() + ".new");
    write(temporary, content);
    if ("file".equals(path.toUri().getScheme())) {
      if (!fileSystem.rename(temporary, path)) {
        throw new IOException("Could not rename " + temporary + " to " + path);
      }
    } else {
      FileContext.getFileContext(path.toUri(), fileSystem.getConf())
          .rename(temporary, path, Options.Rename.OVERWRITE);
    }
  }

  private void write(Path target, byte[] content) throws IOException {
    try (FSDataOutputStream out = fileSystem.create(target, true)) {
      out.write(content);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
