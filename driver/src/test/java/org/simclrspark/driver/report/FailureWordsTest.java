package org.simclrspark.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;

class FailureWordsTest {

  /** As Spark words them, in the exceptions of jobs. */
  @Test
  void aLimitOfSparkIsNamedWithItsValueAndTheRemedy() {
    Throwable results =
        new IllegalStateException(
            "The shards' gradients were not averaged",
            new SparkException(
                "Job aborted due to stage failure: Total size of serialized results of 1 tasks (2.8"
                    + " MiB) is bigger than spark.driver.maxResultSize (1024.0 KiB)"));
    assertThat(FailureWords.of(results))
        .isEqualTo(
            "spark.driver.maxResultSize is too low for this configuration, found 1024.0 KiB. Raise"
                + " it (-- --conf spark.driver.maxResultSize=VALUE), or leave it out.");
    assertThat(FailureWords.isKnown(results)).isTrue();

    Throwable task =
        new SparkException(
            "Job aborted due to stage failure: Serialized task 3:0 was 2097152 bytes, which exceeds"
                + " max allowed: spark.rpc.message.maxSize (1048576 bytes). Consider increasing"
                + " spark.rpc.message.maxSize or using broadcast variables for large values.");
    assertThat(FailureWords.of(task))
        .startsWith("spark.rpc.message.maxSize is too low for this configuration, found 1048576");
  }

  @Test
  void ourOwnWordsComeFirstAndOthersAsTheyAre() {
    Throwable own = new RuntimeException("outer", new ConfigurationException("Take another."));
    assertThat(FailureWords.of(own)).isEqualTo("Take another.");
    assertThat(FailureWords.isKnown(own)).isTrue();
    Throwable damaged =
        new SparkException(
            "Job aborted",
            new DataException("cat/1.png is not readable", new DataException("pixels missing")));
    assertThat(FailureWords.of(damaged)).isEqualTo("cat/1.png is not readable");
    Throwable foreign = new IllegalStateException("first line\nsecond");
    assertThat(FailureWords.of(foreign)).isEqualTo("java.lang.IllegalStateException: first line");
    assertThat(FailureWords.isKnown(foreign)).isFalse();
  }
}
