package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher on YARN and HDFS: a real resource manager, node manager, name node and data node.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class YarnTest {

  private static final int STEPS = 6;

  @TempDir static Path directory;
  private static MiniDFSCluster hdfs;
  private static MiniYARNCluster yarn;
  private static YarnClient client;
  private static FileSystem files;
  private static Path hadoopConf;
  private static Path conf;
  private static String expected;

  @BeforeAll
  static void start() throws Exception {
    hdfs =
        new MiniDFSCluster.Builder(new Configuration(), directory.resolve("hdfs").toFile())
            .numDataNodes(1)
            .checkDataNodeHostConfig(false)
            .build();
    hdfs.waitActive();
    files = hdfs.getFileSystem();
    YarnConfiguration settings = new YarnConfiguration(hdfs.getConfiguration(0));
    settings.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99.9");
    settings.setBoolean("yarn.nodemanager.vmem-check-enabled", false);
    settings.setBoolean("yarn.nodemanager.pmem-check-enabled", false);
    settings.setInt("yarn.nodemanager.resource.memory-mb", 8192);
    settings.setInt("yarn.nodemanager.resource.cpu-vcores", 8);
    settings.setInt("yarn.scheduler.minimum-allocation-mb", 256);
    settings.addResource(
        new org.apache.hadoop.fs.Path(
            Project.DEPLOY.resolve("yarn/capacity-scheduler.xml").toUri()));
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.5");
    System.setProperty("test.build.data", directory.resolve("yarn").toString());
    yarn = new MiniYARNCluster("simclr", 1, 1, 1);
    yarn.init(settings);
    yarn.start();
    hadoopConf = Files.createDirectories(directory.resolve("hadoop-conf"));
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
    client = YarnClient.createYarnClient();
    client.init(effective);
    client.start();
    conf = Project.configuration(directory, STEPS);
  }

  @AfterAll
  static void stop() throws IOException {
    if (client != null) {
      client.stop();
    }
    yarn.stop();
    hdfs.shutdown();
  }

  private static Command pretrain(String run, List<String> settings, String... submit)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("pretrain", "--conf", conf.toString()));
    arguments.addAll(List.of("--run", "hdfs:///runs/" + run, "--master", "yarn"));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    arguments.add("--");
    arguments.addAll(List.of(submit));
    arguments.addAll(
        List.of(
            "--queue",
            "pretraining",
            "--name",
            run,
            "--num-executors",
            "2",
            "--executor-memory",
            "1g",
            "--driver-memory",
            "1g",
            "--conf",
            "spark.yarn.jars=local:" + Project.SPARK_HOME.resolve("jars") + "/*",
            "--conf",
            "spark.yarn.appMasterEnv.JAVA_HOME=" + System.getProperty("java.home"),
            "--conf",
            "spark.executorEnv.JAVA_HOME=" + System.getProperty("java.home")));
    return Command.simclr(
        directory,
        Map.of("HADOOP_CONF_DIR", hadoopConf.toString()),
        arguments.toArray(new String[0]));
  }

  private static String hash(String run) throws IOException {
    Files.createDirectories(directory.resolve(run));
    files.copyToLocalFile(
        new org.apache.hadoop.fs.Path("/runs/" + run + "/summary.json"),
        new org.apache.hadoop.fs.Path(directory.resolve(run).resolve("summary.json").toUri()));
    return new Run(directory.resolve(run)).hash();
  }

  private static ApplicationReport latestApplication() throws Exception {
    return client.getApplications().stream()
        .max(Comparator.comparingLong(ApplicationReport::getStartTime))
        .orElseThrow();
  }

  @Test
  @Order(1)
  void clientMode() throws Exception {
    try (Command command = pretrain("client", List.of()).succeeds()) {
      assertThat(command.output()).doesNotContain("another environment");
    }
    expected = hash("client");
    assertThat(expected).hasSize(64);
  }

  /**
   * The first application master is killed in the middle; the second goes on, and says SUCCEEDED.
   */
  @Test
  @Order(2)
  void clusterModeSurvivesItsApplicationMaster() throws Exception {
    try (Command command =
        pretrain(
            "cluster",
            List.of(),
            "--deploy-mode",
            "cluster",
            "--conf",
            "spark.yarn.maxAppAttempts=2")) {
      org.apache.hadoop.fs.Path checkpoint =
          new org.apache.hadoop.fs.Path("/runs/cluster/checkpoints/step-00000001/manifest.json");
      Await.until("a checkpoint", 300, () -> files.exists(checkpoint));
      List<ProcessHandle> masters =
          ProcessHandle.current()
              .descendants()
              .filter(
                  process ->
                      CommandLines.of(process).contains("java")
                          && CommandLines.of(process)
                              .contains("org.apache.spark.deploy.yarn.ApplicationMaster"))
              .toList();
      assertThat(masters).isNotEmpty();
      masters.forEach(ProcessHandle::destroyForcibly);
      command.succeeds();
    }
    ApplicationReport report = latestApplication();
    assertThat(report.getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    assertThat(report.getCurrentApplicationAttemptId().getAttemptId()).isEqualTo(2);
    assertThat(hash("cluster")).isEqualTo(expected);
  }

  @Test
  @Order(3)
  void clusterModeTellsAMistakeInItsDiagnostics() throws Exception {
    try (Command command =
        pretrain(
            "mistake",
            List.of("train.batch=2560", "train.shards=1", "train.micro-batch=2560"),
            "--deploy-mode",
            "cluster",
            "--conf",
            "spark.yarn.maxAppAttempts=1")) {
      assertThat(command.status()).isEqualTo(1);
    }
    ApplicationReport report = latestApplication();
    assertThat(report.getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.FAILED);
    assertThat(report.getDiagnostics())
        .contains("train.batch must be at most the number of training images, 2500")
        .contains("(exit status 2)")
        .doesNotContain("\tat org.simclrspark");
  }
}
