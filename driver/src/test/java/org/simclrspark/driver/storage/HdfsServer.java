package org.simclrspark.driver.storage;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DFSConfigKeys;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.server.namenode.EditLogFileOutputStream;

/**
 * A name node and a data node in this process, in memory where the machine has a memory disk: they
 * sync to disk with every operation, which says nothing about the client.
 */
final class HdfsServer implements Server {

  private static final java.nio.file.Path MEMORY_DISK = java.nio.file.Path.of("/dev/shm");

  private final File storage;
  private final MiniDFSCluster cluster;

  HdfsServer() throws IOException {
    storage =
        Files.isWritable(MEMORY_DISK)
            ? Files.createTempDirectory(MEMORY_DISK, "hdfs").toFile()
            : Files.createTempDirectory("hdfs").toFile();
    Configuration configuration = new Configuration();
    configuration.setLong(DFSConfigKeys.DFS_NAMENODE_DU_RESERVED_KEY, 0);
    // Closing a file waits that long for the data node's report, if it comes later.
    configuration.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
    EditLogFileOutputStream.setShouldSkipFsyncForTesting(true);
    cluster =
        new MiniDFSCluster.Builder(configuration, storage)
            .numDataNodes(1)
            .checkDataNodeHostConfig(false)
            .build();
    cluster.waitActive();
  }

  MiniDFSCluster cluster() {
    return cluster;
  }

  @Override
  public Path newDirectory() {
    return new Path(cluster.getURI() + "/" + UUID.randomUUID() + "/run");
  }

  @Override
  public Configuration configuration() {
    return new Configuration(cluster.getConfiguration(0));
  }

  @Override
  public void close() throws IOException {
    cluster.shutdown(true);
    FileUtils.deleteDirectory(storage);
  }
}
