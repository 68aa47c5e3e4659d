package org.simclrspark.data.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** The files of any file system but the local one, by Hadoop. */
final class OtherFiles implements DataFiles {
  private final FileSystem fileSystem;

  OtherFiles(String path, Configuration hadoop) throws IOException {
    fileSystem = hadoopPath(path).getFileSystem(hadoop);
  }

  private static Path hadoopPath(String path) throws IOException {
    try {
      return new Path(path);
    } catch (IllegalArgumentException e) {
      throw new IOException("Hadoop's file systems allow no such name: " + e.getMessage(), e);
    }
  }

  @Override
  public String qualify(String path) {
    return fileSystem.makeQualified(new Path(path)).toString();
  }

  @Override
  public FoundFile find(String path) throws IOException {
    try {
      return found(fileSystem.getFileStatus(hadoopPath(path)));
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  @Override
  public Listing list(String directory) throws IOException {
    return listing(fileSystem.listStatusIterator(hadoopPath(directory)));
  }

  /** Object stores list all of a directory at once. */
  @Override
  public Listing walk(String root, String directory, PassedOver passedOver) throws IOException {
    return listing(fileSystem.listFiles(hadoopPath(directory), true));
  }

  @Override
  public FSDataInputStream open(String path) throws IOException {
    return fileSystem.open(hadoopPath(path));
  }

  private static Listing listing(RemoteIterator<? extends FileStatus> statuses) {
    return new Listing() {
      @Override
      public FoundFile next() throws IOException {
        return statuses.hasNext() ? found(statuses.next()) : null;
      }

      @Override
      public void close() {}
    };
  }

  private static FoundFile found(FileStatus status) {
    return new FoundFile(
        status.getPath().toString(),
        status.isDirectory() ? FoundFile.Kind.DIRECTORY : FoundFile.Kind.FILE,
        status.isDirectory() ? 0 : status.getLen(),
        status.getModificationTime(),
        null);
  }
}
