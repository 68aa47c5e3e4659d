package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
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
  private static YarnCluster cluster;
  private static Path conf;
  private static String expected;

  @BeforeAll
  static void start() throws Exception {
    cluster = new YarnCluster(directory);
    conf = Project.configuration(directory, STEPS);
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
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
        Map.of("HADOOP_CONF_DIR", cluster.hadoopConf().toString()),
        arguments.toArray(new String[0]));
  }

  private static String hash(String run) throws IOException {
    Files.createDirectories(directory.resolve(run));
    cluster
        .files()
        .copyToLocalFile(
            new org.apache.hadoop.fs.Path("/runs/" + run + "/summary.json"),
            new org.apache.hadoop.fs.Path(directory.resolve(run).resolve("summary.json").toUri()));
    return new Run(directory.resolve(run)).hash();
  }

  private static ApplicationReport latestApplication() throws Exception {
    return cluster.client().getApplications().stream()
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
      Await.until("a checkpoint", 300, () -> cluster.files().exists(checkpoint));
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
