package org.simclrspark.data.prepare;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
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
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.prepare.PreparedDirectory.Contents;
import org.simclrspark.data.prepare.PreparedDirectory.Work;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.PreparedDataset.Recipe;

/**
 * Turns any dataset into Parquet files of consecutive images, in parallel. Every image is decoded
 * once and checked; those that cannot be decoded are left out and listed. Ids are counted anew, in
 * the same order.
 *
 * <p>A dataset in the target stays until the new one is whole, see {@link Generation}. Running it
 * again goes on where it was interrupted; on a finished dataset it does nothing.
 */
public final class Preparation {
  private static final long SOURCE_BYTES_PER_FILE = 256L << 20;
  private static final int POLL_MILLISECONDS = 200;

  private final JavaSparkContext spark;
  private final PrepareSettings settings;
  private final SerializableConfiguration configuration;
  private final PreparedDirectory directory;
  private final ImageScanner scanner;

  private Preparation(JavaSparkContext spark, PrepareSettings settings) throws IOException {
    this.spark = spark;
    this.settings = settings;
    Configuration hadoop = spark.hadoopConfiguration();
    this.configuration =
        new SerializableConfiguration(
            TargetFiles.withoutChecksums(new Path(settings.to()), hadoop));
    this.directory = new PreparedDirectory(settings.to(), configuration.value());
    this.scanner = ImageSources.scanner(settings.from(), hadoop);
    List<String> files = scanner.list(hadoop).units().stream().map(ScanUnit::path).toList();
    Overlap.refuse(settings.from().path(), files, settings.to(), hadoop);
    directory.look();
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
   * Looks at source and target, and touches nothing.
   *
   * @throws DataException if the source cannot be read, has no image or overlaps the target, or if
   *     the target holds anything but a prepared dataset
   */
  public static Preparation of(JavaSparkContext spark, PrepareSettings settings) {
    return orRefuse(settings, () -> new Preparation(spark, settings));
  }

  /** The directory whose owner may prepare the dataset; in the target. */
  public Path lock() {
    return new Path(directory.path(), PreparedDirectory.LOCK);
  }

  /**
   * Prepares the dataset; nobody else may do so at the same time.
   *
   * @param beforeCommit is asked, by not throwing, whether the dataset in the target may be
   *     replaced
   * @return what the dataset says about itself
   * @throws DataException if the dataset cannot be read or written, or another is in the way
   */
  public PreparedDataset run(Progress progress, Runnable beforeCommit) {
    return orRefuse(settings, () -> prepare(progress, beforeCommit));
  }

  private PreparedDataset prepare(Progress progress, Runnable beforeCommit) throws IOException {
    long start = System.nanoTime();
    Contents contents = directory.look();
    Dataset images = openSource();
    Recipe recipe = recipe(images);
    Optional<PreparedDataset> done = finished(contents, recipe);
    if (done.isPresent()) {
      directory.clear(done.get());
      return done.get();
    }
    Work work = resumable(contents, recipe);
    if (work == null) {
      work = directory.begin(contents, recipe, imagesPerFile(images));
    }
    Generation generation = new Generation(directory, work);
    int files = parts(images.count(), work);
    writeParts(generation, images, work, progress);
    PreparedDataset whole =
        generation.finish(files, images.leftOut(), (System.nanoTime() - start) / 1e9, beforeCommit);
    DatasetSpec prepared = DatasetSpec.train(directory.path().toString(), "parquet");
    Dataset.indexBeside(
        spark, ImageSources.scanner(prepared, spark.hadoopConfiguration()), prepared);
    return whole;
  }

  /** The source with an index that is kept until the dataset is whole. */
  private Dataset openSource() throws IOException {
    try {
      return Dataset.open(
          spark, scanner, settings.from(), directory.sourceIndex(), ReadSettings.DEFAULT);
    } catch (Exception e) {
      // Spark throws checked exceptions that it does not declare.
      directory.forgetSource();
      if (Unwritable.isFull(e)) {
        throw Unwritable.to(directory.path(), e);
      }
      throw e;
    }
  }

  Recipe recipe(Dataset images) throws IOException {
    Path from = new Path(settings.from().path());
    return new Recipe(
        from.getFileSystem(spark.hadoopConfiguration()).makeQualified(from).toString(),
        settings.from().format(),
        settings.from().split(),
        settings.from().columns(),
        images.count(),
        images.fingerprint(),
        settings.shorterSide(),
        settings.form().name(),
        settings.quality());
  }

  /** The dataset in the target, if it is what would be made. */
  private Optional<PreparedDataset> finished(Contents contents, Recipe recipe) {
    Optional<PreparedDataset> found = contents.dataset();
    boolean same = found.isPresent() && found.get().recipe().equals(recipe);
    if (same && (!settings.overwrite() || contents.isWorkDone())) {
      return found;
    }
    if (found.isPresent() && !settings.overwrite()) {
      throw inTheWay("a dataset", found.get().recipe(), recipe);
    }
    return Optional.empty();
  }

  /** The preparation that was interrupted, if it would come to the same; otherwise null. */
  private Work resumable(Contents contents, Recipe recipe) {
    if (contents.work().isEmpty() || contents.isWorkDone()) {
      return null;
    }
    Recipe begun = contents.work().get().recipe();
    if (!begun.isOfSameRequest(recipe) && !settings.overwrite()) {
      throw inTheWay("the beginning of a dataset", begun, recipe);
    }
    return begun.equals(recipe) ? contents.work().get() : null;
  }

  private DataException inTheWay(String what, Recipe found, Recipe recipe) {
    return new DataException(
        "A dataset is prepared once, but "
            + directory.path()
            + " holds "
            + what
            + " that was prepared "
            + (found.isOfSameRequest(recipe)
                ? "when the source was another ("
                    + found.count()
                    + " images, now "
                    + recipe.count()
                    + ")"
                : "otherwise, from " + found.from())
            + "; choose another directory, or replace it with --overwrite");
  }

  @FunctionalInterface
  private interface Step<T> {
    T run() throws IOException;
  }

  private static <T> T orRefuse(PrepareSettings settings, Step<T> step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw Unwritable.to(new Path(settings.to()), e);
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

  private void writeParts(Generation generation, Dataset images, Work work, Progress progress)
      throws IOException {
    long count = images.count();
    int perFile = work.imagesPerFile();
    Set<Integer> there = generation.reports().keySet();
    List<Integer> missing =
        IntStream.range(0, parts(count, work))
            .filter(part -> !there.contains(part))
            .boxed()
            .toList();
    long done = count - missing.stream().mapToLong(part -> size(part, perFile, count)).sum();
    progress.update(done, done, count);
    if (missing.isEmpty()) {
      return;
    }
    LongAccumulator read = spark.sc().longAccumulator();
    LongAccumulator written = spark.sc().longAccumulator();
    SerializableConfiguration hadoop = configuration;
    PrepareSettings used = settings;
    String directoryOfParts = directory.partsOf(work).toString();
    List<PartRange> ranges = PartRange.of(missing, images.sequentialUnits());
    JavaRDD<Integer> jobs =
        spark
            .parallelize(ranges, ranges.size())
            .map(
                range -> {
                  Iterator<ImageRecord> ofRange =
                      images.read(
                          (long) range.from() * perFile,
                          Math.min(count, (long) range.to() * perFile));
                  PartWriter writer =
                      new PartWriter(new Path(directoryOfParts), used, hadoop.value());
                  for (int part = range.from(); part < range.to(); part++) {
                    Iterator<ImageRecord> ofPart = Iterators.next(ofRange, perFile);
                    writer.write(
                        part, Iterators.counting(Iterators.counting(ofPart, read), written));
                  }
                  return range.from();
                });
    await(
        jobs.collectAsync(),
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

  private static int parts(long count, Work work) {
    return Math.toIntExact((count + work.imagesPerFile() - 1) / work.imagesPerFile());
  }

  private static long size(int part, int perFile, long count) {
    return Math.min(perFile, count - (long) part * perFile);
  }
}
