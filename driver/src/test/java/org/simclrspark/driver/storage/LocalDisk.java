package org.simclrspark.driver.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A directory of this machine. */
final class LocalDisk implements Server {

  private final java.nio.file.Path root;

  LocalDisk() throws IOException {
    root = Files.createTempDirectory("disk");
  }

  @Override
  public Path newDirectory() {
    return new Path(root.resolve(UUID.randomUUID().toString()).resolve("run").toUri());
  }

  @Override
  public Configuration configuration() {
    return new Configuration();
  }

  @Override
  public void close() throws IOException {
    FileUtils.deleteDirectory(root.toFile());
  }
}
