package org.simclrspark.driver.storage;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A running file system for tests. */
public interface Server extends AutoCloseable {

  /** An empty directory on it. */
  Path newDirectory();

  /** How to reach it. */
  Configuration configuration();

  @Override
  void close() throws Exception;
}
