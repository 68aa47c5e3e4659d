package org.simclrspark.driver.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.driver.LocalSpark;

/** Real losses are those of ClusterTest in deploy; here are the failures that must not count. */
class LostWorkTest {

  @Test
  void aTaskThatFailsByItselfIsNotLost() {
    JavaSparkContext spark = LocalSpark.context();
    Throwable failure =
        catchThrowable(
            () ->
                spark
                    .parallelize(java.util.List.of(1), 1)
                    .foreach(
                        x -> {
                          throw new DataException("img: cut short");
                        }));
    assertThat(failure).isInstanceOf(SparkException.class);
    assertThat(LostWork.isBehind(failure)).isFalse();
    assertThat(LostWork.isBehind(new IllegalStateException("ExecutorLostFailure"))).isFalse();
  }

  @Test
  void lostExecutorsAndMapOutputAre() {
    assertThat(
            LostWork.isBehind(
                new IllegalStateException(
                    "not averaged",
                    new SparkException(
                        "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most"
                            + " recent failure: Lost task 0.3 in stage 1.0: ExecutorLostFailure"))))
        .isTrue();
    assertThat(
            LostWork.isBehind(
                new SparkException(
                    "Job aborted due to stage failure: ShuffleMapStage 5 has failed the maximum"
                        + " allowable number of times: 4.")))
        .isTrue();
  }
}
