package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.config.ConfigurationException;

class SparkContextsTest {

  @TempDir private Path directory;

  @Test
  void embeddedSparkHasCoresForATask() {
    SparkConf conf = SparkContexts.configuration("x", null, 64);
    assertThat(conf.get("spark.master")).isEqualTo("local[64]");
    assertThat(conf.get("spark.task.cpus")).isEqualTo("64");
    assertThat(conf.get("spark.ui.enabled")).isEqualTo("false");
  }

  @Test
  void threadsReachExecutors() {
    SparkConf conf = SparkContexts.configuration("x", "spark://host:7077", 3);
    assertThat(conf.get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("3");
    assertThat(conf.get("spark.executor.cores")).isEqualTo("3");
    assertThat(conf.get("spark.locality.wait")).isEqualTo("0s");
    assertThat(conf.get("spark.shuffle.io.retryWait")).isEqualTo("1s");
    assertThat(conf.get("spark.executor.extraJavaOptions"))
        .contains("--add-modules=jdk.incubator.vector");
  }

  @Test
  void whatTheClusterSaysStays() {
    System.setProperty("spark.executor.cores", "8");
    System.setProperty("spark.executor.extraJavaOptions", "-Dx=y");
    try {
      SparkConf conf = SparkContexts.configuration("x", "yarn", 4);
      assertThat(conf.get("spark.executor.cores")).isEqualTo("8");
      assertThat(conf.get("spark.executor.extraJavaOptions"))
          .startsWith("-Dx=y --add-modules=jdk.incubator.vector");
    } finally {
      System.clearProperty("spark.executor.cores");
      System.clearProperty("spark.executor.extraJavaOptions");
    }
  }

  /** Kryo is a common default of clusters, and cannot write what the tasks carry. */
  @Test
  void whatTheApplicationNeedsIsPinnedAndTold() {
    String kryo = "org.apache.spark.serializer.KryoSerializer";
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream err = System.err;
    System.setProperty("spark.serializer", kryo);
    System.setErr(new PrintStream(said, true, UTF_8));
    try {
      SparkConf conf = SparkContexts.configuration("x", "yarn", 4);
      assertThat(conf.get("spark.serializer"))
          .isEqualTo("org.apache.spark.serializer.JavaSerializer");
      assertThat(conf.get("spark.stage.maxConsecutiveAttempts")).isEqualTo("16");
    } finally {
      System.setErr(err);
      System.clearProperty("spark.serializer");
    }
    assertThat(said.toString(UTF_8).lines())
        .containsExactly(
            "simclr: spark.serializer="
                + kryo
                + " is overridden by org.apache.spark.serializer.JavaSerializer: tasks carry what"
                + " only Java's own can write.");
  }

  @Test
  void executorsTooSmallForATaskAreRefused() {
    System.setProperty("spark.executor.cores", "1");
    try {
      assertThatThrownBy(() -> SparkContexts.configuration("x", "yarn", 4))
          .isInstanceOf(ConfigurationException.class)
          .hasMessage(
              "spark.executor.cores must be at least worker.threads, 4, found 1. Take"
                  + " --executor-cores 4 or set worker.threads=1.");
    } finally {
      System.clearProperty("spark.executor.cores");
    }
  }

  @Test
  void tooFewCoresForATaskAreRefused() {
    assertThatThrownBy(() -> SparkContexts.configuration("x", "local[2]", 4))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "--master: the cores must be at least worker.threads, 4, found local[2]."
                + " Take local[4] or set worker.threads=2.");
    assertThatThrownBy(() -> SparkContexts.configuration("x", "local", 2))
        .isInstanceOf(ConfigurationException.class);
  }

  /** As a cluster's own defaults do, which the user may not know. */
  @Test
  void aSettingThatKeepsSparkFromStartingIsNamed() throws Exception {
    List<String> wrong =
        List.of(
            "spark.eventLog.dir=/no/such/dir,spark.eventLog.enabled=true",
            "spark.plugins=no.such.Plugin",
            "spark.scheduler.allocation.file=/no/such.xml,spark.scheduler.mode=FAIR",
            "spark.scheduler.mode=ROUND",
            "spark.driver.host=my_host",
            "spark.rpc.message.maxSize=99999");
    SimclrProcess starts =
        SimclrProcess.start(directory, List.of(), FailingStarts.class.getName(), wrong, Map.of());
    assertThat(starts.exitStatus()).as(starts.output()).isZero();
    List<String> told = starts.output().lines().filter(line -> line.startsWith("Spark")).toList();
    assertThat(told).hasSameSizeAs(wrong);
    for (int i = 0; i < wrong.size(); i++) {
      assertThat(told.get(i))
          .startsWith("Spark must start with the settings that it is given, but does not: ")
          .contains(". That is " + wrong.get(i).split(",", 2)[0])
          .endsWith(". Correct it where it is set, or give another value by -- --conf.");
    }
  }

  /** Spark itself ends in a NullPointerException when it has given a standalone master up. */
  @Test
  void aClusterThatIsNotThereIsNamedAndNoMistakeOfTheUser() {
    SparkConf conf = new SparkConf(false).set("spark.master", "spark://host:7077");
    RuntimeException givenUp = StartFailure.of(conf, new NullPointerException("driverEndpoint"));
    assertThat(givenUp)
        .isInstanceOf(StartFailure.class)
        .hasMessageStartingWith("Spark must reach the cluster at spark://host:7077");
    assertThat(ExitStatus.of(givenUp)).as("may be tried again").isEqualTo(1);
    RuntimeException refused =
        StartFailure.of(
            conf.set("spark.master", "yarn"),
            new IllegalStateException(new ConnectException("rm:8032 refuses")));
    assertThat(refused)
        .hasMessageStartingWith("Spark must reach the cluster at yarn")
        .hasMessageContaining("(rm:8032 refuses)");
    RuntimeException other = new IllegalStateException("else");
    assertThat(StartFailure.of(conf, other)).isSameAs(other);
  }
}
