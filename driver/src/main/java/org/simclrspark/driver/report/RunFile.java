package org.simclrspark.driver.report;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.AppendedFile;
import org.simclrspark.driver.storage.Storage;

/**
 * A small file in a run directory on any Hadoop file system, replaced as a whole or appended to.
 */
final class RunFile {

  private final Storage storage;
  private final FileSystem fileSystem;
  private final Path path;
  private final boolean appendable;

  RunFile(Path path, Configuration configuration) throws IOException {
    this.storage = Storage.of(path, configuration, System.err::println);
    FileSystem found = path.getFileSystem(configuration);
    // The checksummed local file system cannot append; the one below it can.
    this.fileSystem = found instanceof LocalFileSystem local ? local.getRaw() : found;
    this.path = storage.qualify(path);
    this.appendable = fileSystem.hasPathCapability(this.path, CommonPathCapabilities.FS_APPEND);
  }

  /** Whether the file system can append; an object store cannot. */
  boolean appendable() {
    return appendable;
  }

  /** The file's bytes, or an empty result if there is no file. */
  Optional<byte[]> read() {
    return storage.readIfPresent(path);
  }

  /** Opens the file for appending and makes it if it does not exist. */
  AppendedFile append() {
    return storage.append(path);
  }

  /** Replaces the file: a reader sees the old content or the new, whenever the writer dies. */
  void replace(byte[] content) throws IOException {
    if (!appendable) {
      // An object appears when its stream is closed, so that writing in place is already atomic.
      storage.write(path, out -> out.write(content));
      return;
    }
    Path temporary = new Path(path.getParent(), "." + path.getName() + ".new");
    storage.write(temporary, out -> out.write(content));
    if (!"file".equals(path.toUri().getScheme())) {
      FileContext.getFileContext(path.toUri(), fileSystem.getConf())
          .rename(temporary, path, Options.Rename.OVERWRITE);
    } else if (!fileSystem.rename(temporary, path)) {
      throw new IOException("Could not rename " + temporary + " to " + path);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
