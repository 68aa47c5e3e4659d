package org.simclrspark.data.prepare;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;

/**
 * Turns any dataset into Parquet files of consecutive images, in parallel. Every image is decoded
 * once and checked; those that cannot be decoded are left out and listed. Ids are counted anew, in
 * the same order.
 *
 * <p>Running it again goes on where it was interrupted; on a finished dataset it does nothing.
 */
public final class Preparation {
  private static final long SOURCE_BYTES_PER_FILE = 256L << 20;
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
    Path index = new Path(settings.to() + ".index");
    try {
      Dataset images =
          ImageSources.open(
              spark,
              DatasetSpec.train(settings.from(), settings.format()),
              index,
              ReadSettings.DEFAULT);
      long count = images.count();
      int perFile = directory.begin(count, imagesPerFile(images));
      int files = Math.toIntExact((count + perFile - 1) / perFile);
      writeParts(images, perFile, files);
      return directory.finish(files, (System.nanoTime() - start) / 1e9);
    } finally {
      index.getFileSystem(spark.hadoopConfiguration()).delete(index, true);
    }
  }

  private int imagesPerFile(Dataset images) {
    long count = images.count();
    double mean = (double) images.bytes() / count;
    long byBytes = (long) Math.max(1, SOURCE_BYTES_PER_FILE / Math.max(1, mean));
    long byTasks =
        (count + 2L * spark.defaultParallelism() - 1) / (2L * spark.defaultParallelism());
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.min(byBytes, byTasks)));
  }

  private void writeParts(Dataset images, int perFile, int files) {
    long count = images.count();
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
        spark
            .parallelize(missing, missing.size())
            .map(
                part -> {
                  long first = (long) part * perFile;
                  Iterator<ImageRecord> ofPart =
                      images.read(first, Math.min(count, first + perFile));
                  PreparedDirectory.writer(used, configuration.value())
                      .write(part, Iterators.counting(Iterators.counting(ofPart, read), written));
                  return part;
                });
    await(
        parts.collectAsync(),
        () ->
            progress.update(
                Math.min(count, Math.max(done, read.value())),
                Math.min(count, done + written.value()),
                count));
    progress.update(count, count, count);
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
    summary.put("classes", (long) all.labels.size());
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
