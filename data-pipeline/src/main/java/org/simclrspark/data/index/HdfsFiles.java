package org.simclrspark.data.index;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files on HDFS, ranges of which many threads read at a time; by short circuit where the cluster
 * has it. A range is tried on all replicas.
 */
final class HdfsFiles {
  private static final String CONNECTIONS = "dfs.client.socketcache.capacity";
  private static final String CONTEXT = "dfs.client.context";

  /** That of others keeps 16 connections for the next range. */
  private static final Clients CLIENTS = new Clients();

  private HdfsFiles() {}

  static FSDataInputStream open(Path path, int connections, Configuration hadoop)
      throws IOException {
    String key = path.toUri().getAuthority() + "*" + connections;
    FileSystem client =
        CLIENTS.get(
            key,
            () -> {
              Configuration own = new Configuration(hadoop);
              own.setInt(CONNECTIONS, Math.max(connections, own.getInt(CONNECTIONS, 0)));
              own.set(CONTEXT, "simclr " + key);
              return FileSystem.newInstance(path.toUri(), own);
            });
    return client.open(path);
  }
}
