package org.simclrspark.data.index;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

  /** Clients of their own: that of others keeps 16 connections for the next range. */
  private static final Map<String, FileSystem> CLIENTS = new ConcurrentHashMap<>();

  private HdfsFiles() {}

  static FSDataInputStream open(Path path, int connections, Configuration hadoop)
      throws IOException {
    return client(path.toUri(), connections, hadoop).open(path);
  }

  private static FileSystem client(URI uri, int connections, Configuration hadoop)
      throws IOException {
    String key = uri.getAuthority() + "*" + connections;
    FileSystem known = CLIENTS.get(key);
    if (known != null) {
      return known;
    }
    synchronized (CLIENTS) {
      known = CLIENTS.get(key);
      if (known == null) {
        Configuration own = new Configuration(hadoop);
        own.setInt(CONNECTIONS, Math.max(connections, own.getInt(CONNECTIONS, 0)));
        own.set(CONTEXT, "simclr " + key);
        known = FileSystem.newInstance(uri, own);
        CLIENTS.put(key, known);
      }
      return known;
    }
  }
}
