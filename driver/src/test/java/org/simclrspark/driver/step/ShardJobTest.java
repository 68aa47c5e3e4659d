package org.simclrspark.driver.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.data.epoch.PartitionRdd;
import org.simclrspark.driver.LocalSpark;

class ShardJobTest {

  private static final List<Integer> NUMBERS = List.of(5, 3, 8, 1, 9);

  /** Of tasks that run in this process. */
  private static final CountDownLatch STARTED = new CountDownLatch(1);

  private static final CountDownLatch KILLED = new CountDownLatch(1);

  private final JavaSparkContext spark = LocalSpark.context();

  @Test
  void elementsComeInTheOrderOfPartitions() {
    JavaRDD<String> marked =
        PartitionRdd.toOne(
            spark.parallelize(NUMBERS, NUMBERS.size()),
            (index, number) -> index + ":" + number.next());

    assertThat(ShardJob.run(marked)).containsExactly("0:5", "1:3", "2:8", "3:1", "4:9");
  }

  @Test
  void whatAPartitionHoldsMayBecomeSeveralElements() {
    JavaRDD<Integer> doubled =
        PartitionRdd.of(
            spark.parallelize(NUMBERS, 2),
            (index, numbers) -> {
              int first = numbers.next();
              return List.of(first, 2 * first).iterator();
            });

    assertThat(doubled.collect()).containsExactly(5, 10, 8, 16);
  }

  @Test
  void aTaskThatFailsEndsTheJobWithSparksOwnException() {
    JavaRDD<Integer> failing =
        PartitionRdd.toOne(
            spark.parallelize(NUMBERS, NUMBERS.size()),
            (index, number) -> {
              throw new DataException("img-7: cut short");
            });

    assertThatThrownBy(() -> ShardJob.run(failing))
        .isInstanceOf(SparkException.class)
        .hasMessageContaining("img-7: cut short");
  }

  @Test
  void anInterruptedThreadGivesItsJobUp() throws Exception {
    JavaRDD<Integer> endless =
        PartitionRdd.toOne(
            spark.parallelize(List.of(1), 1),
            (index, number) -> {
              STARTED.countDown();
              while (!TaskContext.get().isInterrupted()) {
                Thread.onSpinWait();
              }
              KILLED.countDown();
              return number.next();
            });
    boolean[] flag = new boolean[1];
    Thread waiting =
        new Thread(
            () -> {
              assertThatThrownBy(() -> ShardJob.run(endless))
                  .isInstanceOf(IllegalStateException.class);
              flag[0] = Thread.currentThread().isInterrupted();
            });
    waiting.start();
    assertThat(STARTED.await(60, TimeUnit.SECONDS)).isTrue();

    waiting.interrupt();

    waiting.join(60_000);
    assertThat(flag[0]).isTrue();
    assertThat(KILLED.await(60, TimeUnit.SECONDS)).isTrue();
  }
}
