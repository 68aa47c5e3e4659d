package org.simclrspark.data.epoch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.LocalSpark;
import org.simclrspark.data.TestDatasets;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.data.source.TestImages;

class EpochShardsTest {
  private static final int IMAGES = 53;
  private static final EpochPlan PLAN = new EpochPlan(IMAGES, 24, 4, 11, 2);

  @TempDir static Path directory;
  private static List<byte[]> stored;
  private static EpochShards shards;

  @BeforeAll
  static void open() throws IOException {
    Map<String, byte[]> images = TestImages.images(IMAGES);
    stored = List.copyOf(images.values());
    shards =
        new EpochShards(
            LocalSpark.context(),
            TestDatasets.open(TestImages.tars(directory, images), "tar"),
            PLAN,
            new ReadCounters(LocalSpark.context()));
  }

  @Test
  void aStepHoldsItsShardsInTheOrderOfTheirSlots() {
    for (int step = 0; step < PLAN.steps(); step++) {
      List<List<ImageRecord>> partitions = shards.step(step).glom().collect();
      assertThat(partitions).hasSize(4);
      for (int shard = 0; shard < 4; shard++) {
        for (int slot = 0; slot < 6; slot++) {
          ImageRecord image = partitions.get(shard).get(slot);
          assertThat(image.id()).isEqualTo(PLAN.imageAt(step * 24 + shard * 6 + slot));
          assertThat(image.bytes()).isEqualTo(stored.get((int) image.id()));
        }
      }
    }
  }

  @Test
  void refusesAStepOutsideTheEpoch() {
    assertThatThrownBy(() -> shards.step(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 to 1, found 2");
  }
}
