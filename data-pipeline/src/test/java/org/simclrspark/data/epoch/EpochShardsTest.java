package org.simclrspark.data.epoch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.LocalSpark;

class EpochShardsTest {
  private static final int IMAGES = 107;
  private static final EpochPlan PLAN = new EpochPlan(IMAGES, 24, 4, 11, 2);

  @Test
  void aStepHoldsItsShardsInTheOrderOfTheirSlots() {
    try (EpochShards shards = EpochShards.of(images(ids(), 5), PLAN)) {
      for (int step = 0; step < PLAN.steps(); step++) {
        List<List<Long>> partitions = idsByPartition(shards.step(step));
        assertThat(partitions).hasSize(4);
        for (int shard = 0; shard < 4; shard++) {
          List<Long> expected = new ArrayList<>();
          for (int slot = 0; slot < 6; slot++) {
            expected.add(PLAN.imageAt(step * 24 + shard * 6 + slot));
          }
          assertThat(partitions.get(shard)).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void orderDoesNotDependOnTheInput() {
    List<Long> shuffled = ids();
    Collections.shuffle(shuffled, new Random(4));
    List<List<Long>> expected;
    try (EpochShards shards = EpochShards.of(images(ids(), 1), PLAN)) {
      expected = idsByPartition(shards.step(1));
    }
    for (int partitions : new int[] {3, 8}) {
      try (EpochShards shards = EpochShards.of(images(shuffled, partitions), PLAN)) {
        assertThat(idsByPartition(shards.step(1))).isEqualTo(expected);
      }
    }
  }

  @Test
  void recordsArriveWhole() {
    try (EpochShards shards = EpochShards.of(images(ids(), 2), PLAN)) {
      for (ImageRecord found : shards.step(0).collect()) {
        ImageRecord sent = image(found.id());
        assertThat(found).usingRecursiveComparison().isEqualTo(sent);
      }
    }
  }

  @Test
  void theNextStepDoesNotShuffleAgain() {
    List<Long> ids = ids();
    var reads = LocalSpark.context().sc().longAccumulator();
    JavaRDD<ImageRecord> counted =
        images(ids, 3)
            .map(
                image -> {
                  reads.add(1);
                  return image;
                });
    try (EpochShards shards = EpochShards.of(counted, PLAN)) {
      shards.step(0).count();
      shards.step(1).count();
      shards.step(0).count();
    }
    assertThat(reads.value()).isEqualTo(IMAGES);
  }

  @Test
  void refusesAnIdThatOccursTwice() {
    List<Long> ids = ids();
    long twice = PLAN.imageAt(0);
    long missing = PLAN.imageAt(1);
    ids.set(Math.toIntExact(missing), twice);
    try (EpochShards shards = EpochShards.of(images(ids, 3), PLAN)) {
      assertThatThrownBy(() -> shards.step(0).count())
          .hasRootCauseInstanceOf(DataException.class)
          .hasMessageContaining("id " + twice + " occurs twice");
    }
  }

  @Test
  void refusesAnIdThatIsMissing() {
    List<Long> ids = ids();
    ids.remove(PLAN.imageAt(23));
    try (EpochShards shards = EpochShards.of(images(ids, 3), PLAN)) {
      assertThatThrownBy(() -> shards.step(0).count())
          .hasRootCauseInstanceOf(DataException.class)
          .hasMessageContaining("position 23 is missing");
    }
  }

  @Test
  void refusesAStepOutsideTheEpoch() {
    try (EpochShards shards = EpochShards.of(images(ids(), 1), PLAN)) {
      assertThatThrownBy(() -> shards.step(4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0 to 3, found 4");
    }
  }

  private static List<Long> ids() {
    return LongStream.range(0, IMAGES).boxed().collect(Collectors.toCollection(ArrayList::new));
  }

  private static JavaRDD<ImageRecord> images(List<Long> ids, int partitions) {
    return LocalSpark.context().parallelize(ids, partitions).map(EpochShardsTest::image);
  }

  private static ImageRecord image(long id) {
    Encoding encoding = id % 2 == 0 ? Encoding.CIFAR : Encoding.FILE;
    return new ImageRecord(
        id, (int) id % 10, "bild-ä-" + id, encoding, new byte[] {(byte) id, 1, 2});
  }

  private static List<List<Long>> idsByPartition(JavaRDD<ImageRecord> step) {
    return step.map(ImageRecord::id).glom().collect();
  }
}
