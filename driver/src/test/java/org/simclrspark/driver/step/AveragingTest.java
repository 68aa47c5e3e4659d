package org.simclrspark.driver.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;
import scala.Tuple2;

class AveragingTest {

  @Test
  void isTheMeanOverShardsWhateverTheNumberOfSlices() {
    int shards = 3;
    // Three slices of unequal length.
    int length = 3_400_001;
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
    JavaSparkContext spark = LocalSpark.context();
    List<Integer> numbers = IntStream.range(0, shards).boxed().toList();
    JavaRDD<float[]> vectors =
        spark.parallelize(numbers, shards).map(shard -> vector(shard, length));

    assertThat(Arrays.equals(mean(vectors, shards, length).values(), expected)).isTrue();

    JavaRDD<float[]> one = spark.parallelize(List.of(0), 1).map(shard -> new float[] {1, 2});
    assertThat(mean(one, 1, 2).values()).containsExactly(1, 2);

    JavaRDD<float[]> bad =
        spark
            .parallelize(List.of(0, 1), 2)
            .map(shard -> new float[] {1, shard == 1 ? Float.NaN : 2});
    assertThat(mean(bad, 2, 2).notFinite()).isEqualTo(1);
    assertThat(mean(one, 1, 2).notFinite()).isEqualTo(Averaging.NONE);
  }

  /** The step's images come through a shuffle that later jobs of the step read again. */
  @Test
  void leavesTheShufflesBehindTheVectorsAlone() {
    JavaSparkContext spark = LocalSpark.context();
    LongAccumulator made = spark.sc().longAccumulator();
    JavaRDD<float[]> vectors =
        spark
            .parallelize(List.of(0, 1), 2)
            .mapToPair(
                shard -> {
                  made.add(1);
                  return new Tuple2<>(shard, shard);
                })
            .partitionBy(new HashPartitioner(2))
            .map(pair -> new float[] {pair._1()});
    assertThat(mean(vectors, 2, 1).values()).containsExactly(0.5f);
    assertThat(mean(vectors, 2, 1).values()).containsExactly(0.5f);
    assertThat(made.value()).isEqualTo(2);
  }

  private static float[] vector(int shard, int length) {
    Random random = new Random(shard);
    float[] vector = new float[length];
    for (int i = 0; i < length; i++) {
      vector[i] = random.nextFloat() * (1 << random.nextInt(10));
    }
    return vector;
  }

  private static Averaging.Mean mean(JavaRDD<float[]> vectors, int shards, int length) {
    return Averaging.mean(vectors, shards, length, () -> {});
  }
}
