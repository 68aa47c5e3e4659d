package org.simclrspark.data.prepare;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSource;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.epoch.IdRanges;

/**
 * Turns any dataset into Parquet files of consecutive images, in parallel. Every image is decoded
 * once and checked; those that cannot be decoded are left out and listed. Ids are counted anew, in
 * the same order.
 *
 * <p>Running it again goes on where it was interrupted; on a finished dataset it does nothing.
 */
public final class Preparation {
  private static final long SOURCE_BYTES_PER_FILE = 256L << 20;
  private static final int SAMPLE = 64;
  private static final int POLL_MILLISECONDS = 200;

  private final JavaSparkContext spark;
  private final PrepareSettings settings;
  private final Progress progress;
  private final PreparedDirectory directory;

  private Preparation(JavaSparkContext spark, PrepareSettings settings, Progress progress)
      throws IOException {
    this.spark = spark;
    this.settings = settings;
    this.progress = progress;
    this.directory = new PreparedDirectory(settings, spark.hadoopConfiguration());
  }

  /** Hears how far the preparation is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Some images are done.
     *
     * @param read images that are read so far
     * @param done images that are decoded and written so far, rejected ones included
     * @param total images in all
     */
    void update(long read, long done, long total);
  }

  /**
   * Prepares a dataset.
   *
   * @return what {@code dataset.json} says: images, rejected, classes, widths, heights, bytes,
   *     files and seconds
   * @throws DataException if the dataset cannot be read, or something else is in the way
   */
  public static Map<String, Object> run(
      JavaSparkContext spark, PrepareSettings settings, Progress progress) {
    try {
      return new Preparation(spark, settings, progress).run();
    } catch (IOException e) {
      throw new DataException(
          "The dataset cannot be written to "
              + settings.to()
              + ": "
              + e.getMessage()
              + "; check path, permissions and room",
          e);
    }
  }

  private Map<String, Object> run() throws IOException {
    Map<String, Object> finished = directory.finished();
    if (finished != null) {
      return finished;
    }
    long start = System.nanoTime();
    ImageSource source = ImageSources.open(settings.from(), settings.format());
    JavaRDD<ImageRecord> images = source.read(spark);
    long count = source.count(spark);
    int perFile = directory.begin(count, imagesPerFile(images, count));
    int files = Math.toIntExact((count + perFile - 1) / perFile);
    writeParts(images, count, perFile, files);
    return directory.finish(files, (System.nanoTime() - start) / 1e9);
  }

  private int imagesPerFile(JavaRDD<ImageRecord> images, long count) {
    List<Integer> lengths =
        images.map(image -> image.bytes().length).take((int) Math.min(SAMPLE, count));
    double mean = lengths.stream().mapToInt(Integer::intValue).average().orElse(1);
    long byBytes = (long) Math.max(1, SOURCE_BYTES_PER_FILE / Math.max(1, mean));
    long byTasks =
        (count + 2L * spark.defaultParallelism() - 1) / (2L * spark.defaultParallelism());
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.min(byBytes, byTasks)));
  }

  private void writeParts(JavaRDD<ImageRecord> images, long count, int perFile, int files)
      throws IOException {
    List<Integer> missing =
        IntStream.range(0, files).filter(part -> !directory.hasPart(part)).boxed().toList();
    long done = count - missing.stream().mapToLong(part -> size(part, perFile, count)).sum();
    progress.update(done, done, count);
    if (missing.isEmpty()) {
      return;
    }
    LongAccumulator read = spark.sc().longAccumulator();
    LongAccumulator written = spark.sc().longAccumulator();
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.hadoopConfiguration());
    PrepareSettings used = settings;
    JavaRDD<Integer> parts =
        IdRanges.of(counted(images, read), count, perFile)
            .partitions(missing)
            .mapPartitionsWithIndex(
                (index, ofPart) -> {
                  int part = missing.get(index);
                  PreparedDirectory.writer(used, configuration.value())
                      .write(part, Iterators.counting(ofPart, written));
                  return List.of(part).iterator();
                },
                false);
    await(
        parts.collectAsync(),
        () ->
            progress.update(
                Math.min(count, Math.max(done, read.value())),
                Math.min(count, done + written.value()),
                count));
    progress.update(count, count, count);
  }

  private static JavaRDD<ImageRecord> counted(
      JavaRDD<ImageRecord> images, LongAccumulator counter) {
    return images.map(
        image -> {
          counter.add(1);
          return image;
        });
  }

  private static void await(JavaFutureAction<List<Integer>> parts, Runnable tell) {
    try {
      while (!isDone(parts)) {
        tell.run();
      }
    } finally {
      parts.cancel(true);
    }
  }

  /** Waits a moment, and throws what the job failed with. */
  private static boolean isDone(JavaFutureAction<List<Integer>> parts) {
    try {
      parts.get(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException("The preparation was interrupted; run it again to go on", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException runtime
          ? runtime
          : new DataException("The preparation failed: " + e.getCause().getMessage(), e);
    }
  }

  private static long size(int part, int perFile, long count) {
    return Math.min(perFile, count - (long) part * perFile);
  }

  /** A summary by name, in the order to show. */
  static Map<String, Object> summary(PartReport all, int files, double seconds) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("images", all.images);
    summary.put("rejected", all.rejected.size());
    summary.put("classes", all.labels.keySet().stream().filter(label -> label >= 0).count());
    summary.put("width_min", all.images == 0 ? 0 : all.widthMin);
    summary.put("width_max", all.widthMax);
    summary.put("height_min", all.images == 0 ? 0 : all.heightMin);
    summary.put("height_max", all.heightMax);
    summary.put("pixels_mean", all.images == 0 ? 0 : all.pixels / all.images);
    summary.put("source_bytes", all.sourceBytes);
    summary.put("bytes", all.bytes);
    summary.put("files", files);
    summary.put("seconds", seconds);
    return summary;
  }
}
