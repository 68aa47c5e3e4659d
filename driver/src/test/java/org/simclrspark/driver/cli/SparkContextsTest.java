package org.simclrspark.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.config.ConfigurationException;

class SparkContextsTest {

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
}
