package org.simclrspark.driver.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.worker.network.NormStatistics;
import org.simclrspark.worker.shard.RawFloats;
import org.simclrspark.worker.shard.ShardGradient;
import scala.Tuple2;

class AveragingTest {

  private static final int[] CHANNELS = {2, 1};
  private static final float[] NO_STATISTICS = {};

  /** The bits are those of a sum in the order of the shards, whatever the number of reducers. */
  @Test
  void isTheMeanOverShardsWhateverTheNumberOfReducers() {
    int shards = 5;
    int length = 1_000_003;
    float[] expected = new float[length];
    double[] sums = new double[length];
    for (int shard = 0; shard < shards; shard++) {
      float[] vector = vector(shard, length);
      for (int i = 0; i < length; i++) {
        sums[i] += vector[i];
      }
    }
    for (int i = 0; i < length; i++) {
      expected[i] = (float) (sums[i] / shards);
    }
    JavaRDD<ShardGradient> gradients =
        numbers(shards).map(shard -> new ShardGradient(vector(shard, length), NO_STATISTICS));

    for (int reducers : new int[] {1, 3, 4}) {
      Averaging.Mean mean =
          new Averaging(rows(1, 1, 1, 1, 1), new Slicing(length, reducers), new int[0])
              .mean(gradients, () -> {});
      assertThat(Arrays.equals(mean.gradient(), expected)).isTrue();
      assertThat(mean.statistics()).isEmpty();
      assertThat(mean.notFinite()).isEqualTo(Averaging.NONE);
    }
  }

  @Test
  void statisticsArePooledByTheRowsOfTheShards() {
    ShardRows rows = rows(2, 0, 4);
    float[][] statistics = {{1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 0, 0}, {-1, 0.5f, 2, 1, 7, 3}};
    NormStatistics.Pool pool = new NormStatistics.Pool(CHANNELS);
    for (int shard = 0; shard < 3; shard++) {
      pool.add(statistics[shard], rows.of(shard));
    }
    JavaRDD<ShardGradient> gradients =
        numbers(3).map(shard -> new ShardGradient(new float[] {shard, 1}, statistics[shard]));
    for (int reducers : new int[] {1, 2}) {
      Averaging.Mean mean =
          new Averaging(rows, new Slicing(2, reducers), CHANNELS).mean(gradients, () -> {});
      assertThat(mean.statistics()).containsExactly(pool.values());
      assertThat(mean.gradient()).containsExactly(1, 1);
    }
  }

  @Test
  void theFirstShardThatIsNotFiniteIsNamed() {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      JavaRDD<ShardGradient> gradients =
          numbers(3)
              .map(shard -> new ShardGradient(new float[] {1, shard > 0 ? bad : 2}, NO_STATISTICS));
      Averaging.Mean mean =
          new Averaging(rows(1, 1, 1), new Slicing(2, 2), new int[0]).mean(gradients, () -> {});
      assertThat(mean.notFinite()).isEqualTo(1);
    }
  }

  /** Zeros with a sign, too: what is added to nothing loses it. */
  @Test
  void aSingleShardsGradientComesWithoutAShuffleAndWithTheSameBits() {
    float[] vector = vector(1, 300_000);
    vector[7] = -0f;
    vector[8] = Float.MIN_VALUE;
    float[] statistics = {1, 2, 3, 4, 5, 6};
    ShardRows rows = rows(4);
    JavaRDD<ShardGradient> gradients =
        numbers(1).map(shard -> new ShardGradient(vector, statistics));
    Averaging.Mean shuffled =
        new Averaging(rows, new Slicing(vector.length, 2), CHANNELS).mean(gradients, () -> {});
    Slicing alone = Slicing.of(vector.length, 1, 2);
    assertThat(alone.reducers()).isZero();
    AtomicInteger submitted = new AtomicInteger();
    Averaging.Mean direct =
        new Averaging(rows, alone, CHANNELS).mean(gradients, submitted::incrementAndGet);
    assertThat(submitted).hasValue(1);
    assertThat(RawFloats.toBytes(direct.gradient(), 0, vector.length))
        .isEqualTo(RawFloats.toBytes(shuffled.gradient(), 0, vector.length));
    assertThat(direct.statistics()).containsExactly(shuffled.statistics());
    assertThat(direct.notFinite()).isEqualTo(Averaging.NONE);

    vector[9] = Float.POSITIVE_INFINITY;
    assertThat(new Averaging(rows, alone, CHANNELS).mean(gradients, () -> {}).notFinite()).isZero();
  }

  /** As where a file of the shuffle ends between two slices. */
  @Test
  void refusesARangeThatLacksTheSliceOfAShard() {
    List<Tuple2<Integer, Slice>> ofOneShard =
        List.of(new Tuple2<>(0, new Slice(0, 0, 0, new float[4], 0, 4)));
    assertThatThrownBy(
            () -> RangeMean.of(0, ofOneShard.iterator(), new Slicing(4, 1), rows(1, 1), new int[0]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "Reducer 0 must receive 4 entries from each of 2 shards, found 4 in all.");
  }

  /** ResNet-50 and its head, from a laptop to a large cluster. */
  @Test
  void noReducerHoldsMoreThan64MegabytesHoweverManyShardsThereAre() {
    int length = 28_000_000;
    for (int slots : new int[] {1, 2, 3, 8, 64, 107, 1024}) {
      Slicing slicing = Slicing.of(length, 1, slots);
      assertThat(slicing.reducers()).isLessThanOrEqualTo(Math.max(107, slots));
      assertThat(slicing.reducers()).isGreaterThanOrEqualTo(Math.min(107, slots));
      int covered = 0;
      for (int reducer = 0; reducer < slicing.reducers(); reducer++) {
        assertThat(slicing.from(reducer)).isEqualTo(covered);
        covered = slicing.to(reducer);
        long range = (long) slicing.to(reducer) - slicing.from(reducer);
        long held = range * (Double.BYTES + Float.BYTES) + 4L * Slicing.SLICE;
        long asked = OrderedShuffle.blocksAhead(slicing) * range * Float.BYTES;
        assertThat(held + asked).isLessThan(64_000_000);
      }
      assertThat(covered).isEqualTo(length);
    }
    new Slicing(length, 3)
        .cut(0, new ShardGradient(new float[length], new float[100]))
        .forEachRemaining(slice -> assertThat(slice.length()).isBetween(1, 1 << 18));
  }

  /** The step's images come through a shuffle that later jobs of the step read again. */
  @Test
  void leavesTheShufflesBehindTheVectorsAlone() {
    JavaSparkContext spark = LocalSpark.context();
    LongAccumulator made = spark.sc().longAccumulator();
    JavaRDD<ShardGradient> gradients =
        spark
            .parallelize(List.of(0, 1), 2)
            .mapToPair(
                shard -> {
                  made.add(1);
                  return new Tuple2<>(shard, shard);
                })
            .partitionBy(new HashPartitioner(2))
            .map(pair -> new ShardGradient(new float[] {pair._1()}, NO_STATISTICS));
    Averaging averaging = new Averaging(rows(1, 1), new Slicing(1, 1), new int[0]);
    assertThat(averaging.mean(gradients, () -> {}).gradient()).containsExactly(0.5f);
    assertThat(averaging.mean(gradients, () -> {}).gradient()).containsExactly(0.5f);
    assertThat(made.value()).isEqualTo(2);
  }

  private static JavaRDD<Integer> numbers(int shards) {
    List<Integer> numbers = IntStream.range(0, shards).boxed().toList();
    return LocalSpark.context().parallelize(numbers, shards);
  }

  private static ShardRows rows(int... ofShards) {
    int[] starts = new int[ofShards.length + 1];
    for (int shard = 0; shard < ofShards.length; shard++) {
      starts[shard + 1] = starts[shard] + ofShards[shard];
    }
    return new ShardRows(starts);
  }

  private static float[] vector(int shard, int length) {
    Random random = new Random(shard);
    float[] vector = new float[length];
    for (int i = 0; i < length; i++) {
      vector[i] = random.nextFloat() * (1 << random.nextInt(10));
    }
    return vector;
  }
}
