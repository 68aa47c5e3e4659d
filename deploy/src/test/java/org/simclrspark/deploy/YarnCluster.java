package org.simclrspark.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * YARN and HDFS in this process: a real resource manager, node manager, name node and data node. As
 * a program it runs them until its input ends, for whoever wants to try commands on them by hand.
 */
final class YarnCluster implements AutoCloseable {

  private final MiniDFSCluster hdfs;
  private final MiniYARNCluster yarn;
  private final YarnClient client;
  private final FileSystem files;
  private final Path hadoopConf;

  /** Starts both; everything lies in the directory. */
  YarnCluster(Path directory) throws IOException {
    this.hdfs =
        new MiniDFSCluster.Builder(new Configuration(), directory.resolve("hdfs").toFile())
            .numDataNodes(1)
            .checkDataNodeHostConfig(false)
            .build();
    hdfs.waitActive();
    this.files = hdfs.getFileSystem();
    YarnConfiguration settings = new YarnConfiguration(hdfs.getConfiguration(0));
    settings.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99.9");
    settings.setBoolean("yarn.nodemanager.vmem-check-enabled", false);
    settings.setBoolean("yarn.nodemanager.pmem-check-enabled", false);
    settings.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 12288);
    settings.setInt("yarn.nodemanager.resource.cpu-vcores", 8);
    settings.setInt("yarn.scheduler.minimum-allocation-mb", 256);
    settings.addResource(
        new org.apache.hadoop.fs.Path(
            Project.DEPLOY.resolve("yarn/capacity-scheduler.xml").toUri()));
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.5");
    System.setProperty("test.build.data", directory.resolve("yarn").toString());
    this.yarn = new MiniYARNCluster("simclr", 1, 1, 1);
    yarn.init(settings);
    yarn.start();
    this.hadoopConf = Files.createDirectories(directory.resolve("hadoop-conf"));
    Configuration effective = yarn.getConfig();
    effective.set("fs.defaultFS", hdfs.getURI().toString());
    // The class path of containers: Spark sends its own jars, Hadoop's client included.
    effective.set("yarn.application.classpath", "");
    // A class of Hadoop's tests.
    effective.unset("net.topology.node.switch.mapping.impl");
    for (String name : List.of("core-site.xml", "yarn-site.xml")) {
      try (OutputStream out = Files.newOutputStream(hadoopConf.resolve(name))) {
        effective.writeXml(out);
      }
    }
    this.client = YarnClient.createYarnClient();
    client.init(effective);
    client.start();
  }

  /** Argument: a directory that takes everything. */
  public static void main(String[] arguments) throws IOException {
    try (YarnCluster cluster = new YarnCluster(Files.createDirectories(Path.of(arguments[0])))) {
      System.out.println("export HADOOP_CONF_DIR=" + cluster.hadoopConf());
      while (System.in.read() >= 0) {
        Thread.onSpinWait();
      }
    }
  }

  /** For {@code HADOOP_CONF_DIR}. */
  Path hadoopConf() {
    return hadoopConf;
  }

  /** What the resource manager is asked by. */
  YarnClient client() {
    return client;
  }

  /** HDFS. */
  FileSystem files() {
    return files;
  }

  @Override
  public void close() throws IOException {
    client.stop();
    yarn.stop();
    hdfs.shutdown();
  }
}
