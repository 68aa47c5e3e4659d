package org.simclrspark.driver.evaluate;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.simclrspark.worker.shard.RawFloats;

/**
 * Raw pixels as representations, the baseline that needs no encoder: evaluation views, averaged
 * over squares of pixels down to a side of 32 to 63 where they are larger, minus the mean image of
 * the training set. Without the subtraction all cosines are near 1, for pixels are positive;
 * nothing else is done to them.
 */
final class PixelRows implements AutoCloseable {

  private static final int LARGEST_SIDE = 32;
  private static final int DEPTH = 2;

  private final JavaRDD<ViewBlock> trainPixels;
  private final JavaRDD<ViewBlock> testPixels;
  private final Broadcast<RawFloats> mean;
  private final long trainCount;
  private final long testCount;

  /** Reduces all views, and finds the mean image of the training set. */
  PixelRows(JavaSparkContext spark, EvaluationViews train, EvaluationViews test) {
    trainPixels = reduced(train);
    testPixels = reduced(test);
    Sums sums = trainPixels.map(PixelRows::sums).treeReduce(Sums::plus, DEPTH);
    trainCount = sums.count;
    testCount = testPixels.map(ViewBlock::count).fold(0, Integer::sum);
    mean = spark.broadcast(new RawFloats(sums.mean()));
  }

  /** Values in a row, for views of a side. */
  static int size(int side) {
    int reduced = side / Math.max(1, side / LARGEST_SIDE);
    return 3 * reduced * reduced;
  }

  /** The training set's pixels minus their own mean image. */
  Rows train() {
    return rows(trainPixels, trainCount);
  }

  /** The test set's pixels minus the mean image of the training set. */
  Rows test() {
    return rows(testPixels, testCount);
  }

  private Rows rows(JavaRDD<ViewBlock> pixels, long count) {
    Broadcast<RawFloats> shared = mean;
    return new Rows(
        pixels.map(
            block -> new PixelBlock(block.ids(), block.labels(), block.pixels(), shared.value())),
        count,
        mean.value().values().length);
  }

  @Override
  public void close() {
    trainPixels.unpersist();
    testPixels.unpersist();
    mean.destroy();
  }

  private static JavaRDD<ViewBlock> reduced(EvaluationViews views) {
    int factor = Math.max(1, views.imageSize() / LARGEST_SIDE);
    return views
        .blocks()
        .map(block -> reduce(block, factor))
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** Averages squares of pixels; what is left at the right and below is dropped. */
  static ViewBlock reduce(ViewBlock block, int factor) {
    int side = block.side();
    if (factor == 1) {
      return block;
    }
    int reduced = side / factor;
    byte[] result = new byte[block.count() * 3 * reduced * reduced];
    int area = factor * factor;
    for (int i = 0; i < result.length; i++) {
      int plane = i / (reduced * reduced);
      int top = i / reduced % reduced * factor;
      int left = i % reduced * factor;
      int sum = area / 2;
      for (int y = top; y < top + factor; y++) {
        for (int x = left; x < left + factor; x++) {
          sum += block.pixels()[(plane * side + y) * side + x] & 0xff;
        }
      }
      result[i] = (byte) (sum / area);
    }
    return new ViewBlock(block.ids(), block.labels(), result, reduced, block.damaged());
  }

  private static Sums sums(ViewBlock block) {
    long[] sums = new long[block.viewLength()];
    for (int row = 0; row < block.count(); row++) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += block.pixels()[row * sums.length + i] & 0xff;
      }
    }
    return new Sums(sums, block.count());
  }

  /** Sums of pixels of some images: whole numbers, so the mean has the same bits in any order. */
  private record Sums(long[] values, long count) implements java.io.Serializable {

    Sums plus(Sums other) {
      long[] sum = values.clone();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += other.values[i];
      }
      return new Sums(sum, count + other.count);
    }

    float[] mean() {
      float[] mean = new float[values.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) ((double) values[i] / Math.max(1, count));
      }
      return mean;
    }
  }
}
