package org.simclrspark.data.epoch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;

class EpochPlanTest {

  @Property(tries = 100)
  void everyImageHasOnePosition(
      @ForAll @IntRange(min = 1, max = 3000) int images,
      @ForAll long seed,
      @ForAll @IntRange(max = 1000) int epoch) {
    EpochPlan plan = new EpochPlan(images, 1, 1, seed, epoch);
    BitSet positions = new BitSet(images);
    for (int id = 0; id < images; id++) {
      long position = plan.position(id);
      assertThat(position).isBetween(0L, images - 1L);
      assertThat(plan.imageAt(position)).isEqualTo(id);
      positions.set((int) position);
    }
    assertThat(positions.cardinality()).isEqualTo(images);
  }

  @Property(tries = 200)
  void invertsAtAnySize(
      @ForAll @LongRange(min = 1_000_000, max = 1L << 40) long images, @ForAll long seed) {
    EpochPlan plan = new EpochPlan(images, 1 << 18, 2, seed, 3);
    for (long id : new long[] {0, 1, images / 2, images - 1}) {
      assertThat(plan.imageAt(plan.position(id))).isEqualTo(id);
    }
  }

  @Property(tries = 200)
  void positionIsStepShardAndSlot(
      @ForAll @IntRange(min = 1, max = 8) int shards,
      @ForAll @IntRange(min = 1, max = 16) int shardSize,
      @ForAll @IntRange(min = 1, max = 9) int steps,
      @ForAll @IntRange(max = 7) int rest) {
    int batch = shards * shardSize;
    int images = steps * batch + Math.min(rest, batch - 1);
    EpochPlan plan = new EpochPlan(images, batch, shards, 5, 0);
    assertThat(plan.steps()).isEqualTo(steps);
    assertThat(plan.shardSize()).isEqualTo(shardSize);
    for (long position = 0; position < images; position++) {
      assertThat(plan.isUsed(position)).isEqualTo(position < (long) steps * batch);
      assertThat(
              (plan.step(position) * (long) shards + plan.shard(position)) * shardSize
                  + plan.slot(position))
          .isEqualTo(position);
      assertThat(plan.shard(position)).isBetween(0, shards - 1);
      assertThat(plan.slot(position)).isBetween(0, shardSize - 1);
    }
  }

  @Test
  void ordersOfTwoEpochsAndSeedsAreUnrelated() {
    int images = 50_000;
    EpochPlan plan = new EpochPlan(images, 100, 2, 1, 0);
    for (EpochPlan other :
        new EpochPlan[] {
          new EpochPlan(images, 100, 2, 1, 1), new EpochPlan(images, 100, 2, 2, 0)
        }) {
      double correlation = 0;
      int same = 0;
      for (int id = 0; id < images; id++) {
        double a = plan.position(id) / (images - 1.0) - 0.5;
        double b = other.position(id) / (images - 1.0) - 0.5;
        correlation += 12 * a * b / images;
        same += a == b ? 1 : 0;
      }
      // Standard deviation 1/sqrt(images) = 0.0045; fixed points are Poisson with mean 1.
      assertThat(correlation).isBetween(-0.018, 0.018);
      assertThat(same).isLessThan(8);
    }
  }

  @Test
  void neighboursEndUpApart() {
    int images = 10_000;
    EpochPlan plan = new EpochPlan(images, 100, 2, 7, 0);
    double distance = 0;
    for (int id = 1; id < images; id++) {
      distance += Math.abs(plan.position(id) - plan.position(id - 1)) / (double) images;
    }
    // Mean distance of two uniform points is 1/3, standard deviation of the mean about 0.0024.
    assertThat(distance / (images - 1)).isBetween(0.323, 0.344);
  }

  @Test
  void refusesABatchLargerThanTheDataset() {
    assertThatThrownBy(() -> new EpochPlan(100, 128, 4, 0, 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("128")
        .hasMessageContaining("100");
  }

  @Test
  void refusesShardsThatDoNotDivideTheBatch() {
    assertThatThrownBy(() -> new EpochPlan(100, 10, 3, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batch 10 and 3 shards");
  }
}
