package org.simclrspark.driver.evaluate;

import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/**
 * Raw pixels as representations, the baseline that needs no encoder: evaluation views, averaged
 * over squares of pixels down to a side of 32 to 63 where they are larger, minus the mean image of
 * the training set. Without the subtraction all cosines are near 1, for pixels are positive;
 * nothing else is done to them.
 */
final class PixelVectors implements Vectors {

  private static final int LARGEST_SIDE = 32;

  private final long[] ids;
  private final int[] labels;
  private final byte[] pixels;
  private final float[] mean;

  private PixelVectors(long[] ids, int[] labels, byte[] pixels, float[] mean) {
    this.ids = ids;
    this.labels = labels;
    this.pixels = pixels;
    this.mean = mean;
  }

  /** The training set's pixels minus their own mean image. */
  static PixelVectors train(EvaluationViews views) {
    byte[] pixels = collect(views);
    return new PixelVectors(views.ids(), views.labels(), pixels, meanImage(pixels, views.count()));
  }

  /** Another dataset's pixels minus this one's mean image. */
  PixelVectors test(EvaluationViews views) {
    return new PixelVectors(views.ids(), views.labels(), collect(views), mean);
  }

  @Override
  public int count() {
    return ids.length;
  }

  @Override
  public int size() {
    return mean.length;
  }

  @Override
  public long id(int row) {
    return ids[row];
  }

  @Override
  public int label(int row) {
    return labels[row];
  }

  @Override
  public void copy(int row, float[] target, int offset) {
    for (int i = 0; i < mean.length; i++) {
      target[offset + i] = (pixels[row * mean.length + i] & 0xff) - mean[i];
    }
  }

  private static byte[] collect(EvaluationViews views) {
    int side = views.imageSize();
    int factor = Math.max(1, side / LARGEST_SIDE);
    JavaPairRDD<Long, byte[]> reduced = views.pixels().mapValues(p -> reduce(p, side, factor));
    List<Tuple2<Long, byte[]>> rows = reduced.collect();
    int size = rows.isEmpty() ? 0 : rows.get(0)._2().length;
    byte[] pixels = new byte[Math.multiplyExact(views.count(), size)];
    for (Tuple2<Long, byte[]> row : rows) {
      System.arraycopy(row._2(), 0, pixels, Math.toIntExact(row._1() * size), size);
    }
    return pixels;
  }

  /** Averages squares of {@code factor} pixels; what is left at the right and below is dropped. */
  static byte[] reduce(byte[] pixels, int side, int factor) {
    if (factor == 1) {
      return pixels;
    }
    int reduced = side / factor;
    byte[] result = new byte[3 * reduced * reduced];
    int area = factor * factor;
    for (int i = 0; i < result.length; i++) {
      int channel = i / (reduced * reduced);
      int top = i / reduced % reduced * factor;
      int left = i % reduced * factor;
      int sum = area / 2;
      for (int y = top; y < top + factor; y++) {
        for (int x = left; x < left + factor; x++) {
          sum += pixels[(channel * side + y) * side + x] & 0xff;
        }
      }
      result[i] = (byte) (sum / area);
    }
    return result;
  }

  private static float[] meanImage(byte[] pixels, int count) {
    if (count == 0) {
      return new float[0];
    }
    int size = pixels.length / count;
    long[] sums = new long[size];
    for (int i = 0; i < pixels.length; i++) {
      sums[i % size] += pixels[i] & 0xff;
    }
    float[] mean = new float[size];
    for (int i = 0; i < size; i++) {
      mean[i] = (float) ((double) sums[i] / count);
    }
    return mean;
  }
}
