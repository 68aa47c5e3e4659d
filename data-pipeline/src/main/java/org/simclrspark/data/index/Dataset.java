package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;

/**
 * A dataset whose images can be read by id, 0 to count - 1, in an order that depends on the names
 * of its files alone. The index lies in files; this handle takes O(classes + parts of the index).
 */
public final class Dataset implements Serializable {
  /** Directory of an index within the directory of its images. */
  public static final String BESIDE = "_index";

  /** Images whose bytes are part of the fingerprint. */
  private static final int SAMPLE = 256;

  private static final int READERS_KEPT = 16;

  /** The readers of this executor. */
  private static final Map<String, DatasetReader> READERS =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, DatasetReader> eldest) {
          return size() > READERS_KEPT;
        }
      };

  private final transient IndexHeader header;
  private final Broadcast<Opened> opened;

  private Dataset(IndexHeader header, Broadcast<Opened> opened) {
    this.header = header;
    this.opened = opened;
  }

  /** What executors need. */
  private record Opened(
      String id,
      IndexHeader header,
      String directory,
      ImageScanner scanner,
      StoredFiles files,
      ReadSettings settings)
      implements Serializable {}

  /**
   * Opens a dataset. Its index is taken from beside the images ({@value #BESIDE}) or from a
   * directory, if it is there and the files have not changed since; otherwise it is made, and kept
   * in the directory.
   *
   * @param scanner of the dataset's format
   * @param directory of indexes, on a file system that all executors reach
   * @throws DataException if the dataset cannot be read
   */
  public static Dataset open(
      JavaSparkContext spark,
      ImageScanner scanner,
      DatasetSpec spec,
      Path directory,
      ReadSettings settings) {
    Configuration hadoop = spark.hadoopConfiguration();
    try {
      ScanUnits units = scanner.list(hadoop);
      IndexBuilder builder = new IndexBuilder(spark, scanner, spec, units);
      Path qualified = directory.getFileSystem(hadoop).makeQualified(directory);
      Path own = new Path(qualified, name(scanner, spec, units));
      Stamp stamp = null;
      for (Path place : List.of(new Path(units.root() + "/" + BESIDE), own)) {
        Optional<IndexHeader> known = IndexHeader.read(place, hadoop);
        if (known.isPresent() && known.get().format().equals(scanner.format())) {
          stamp = stamp == null ? builder.stamp() : stamp;
          if (known.get().stamp().equals(stamp)) {
            return of(spark, known.get().withRoot(units.root()), place, scanner, settings);
          }
        }
      }
      return build(spark, scanner, builder, own, settings);
    } catch (IOException e) {
      throw new DataException(
          "The index of "
              + spec.path()
              + " cannot be kept in "
              + directory
              + ": "
              + Scans.reason(e)
              + "; check permissions and room",
          e);
    }
  }

  /**
   * Keeps an index beside the images, for whoever opens them as they are now.
   *
   * @param scanner of the dataset's format
   * @throws DataException if the dataset cannot be read, or not be written to
   */
  public static void indexBeside(JavaSparkContext spark, ImageScanner scanner, DatasetSpec spec) {
    ScanUnits units = scanner.list(spark.hadoopConfiguration());
    try {
      build(
          spark,
          scanner,
          new IndexBuilder(spark, scanner, spec, units),
          new Path(units.root() + "/" + BESIDE),
          ReadSettings.DEFAULT);
    } catch (IOException e) {
      throw new DataException(
          "The index of "
              + spec.path()
              + " cannot be kept in it: "
              + Scans.reason(e)
              + "; check permissions and room",
          e);
    }
  }

  /** Tells indexes of different datasets apart that are kept in one directory. */
  private static String name(ImageScanner scanner, DatasetSpec spec, ScanUnits units) {
    String text = scanner.format() + "\0" + units.root() + "\0" + spec;
    String hash = HexFormat.of().formatHex(OrderedHash.sha256().digest(text.getBytes(UTF_8)), 0, 6);
    return spec.split().name().toLowerCase(Locale.ROOT) + "-" + hash;
  }

  private static Dataset build(
      JavaSparkContext spark,
      ImageScanner scanner,
      IndexBuilder builder,
      Path directory,
      ReadSettings settings)
      throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    ReadSettings uncached = new ReadSettings(settings.requests(), null, 0, settings.limits());
    String last = IndexHeader.read(directory, hadoop).map(IndexHeader::build).orElse(null);
    Dataset unsigned = of(spark, builder.build(directory), directory, scanner, uncached);
    IndexHeader signed = unsigned.header.withFingerprint(unsigned.computeFingerprint(spark));
    signed.write(directory, hadoop);
    signed.deleteOthers(last, directory, hadoop);
    return of(spark, signed, directory, scanner, settings);
  }

  private static Dataset of(
      JavaSparkContext spark,
      IndexHeader header,
      Path directory,
      ImageScanner scanner,
      ReadSettings settings) {
    Opened opened =
        new Opened(
            UUID.randomUUID().toString(),
            header,
            directory.toString(),
            scanner,
            new StoredFiles(spark.hadoopConfiguration(), settings.requests()),
            settings);
    return new Dataset(header, spark.broadcast(opened));
  }

  /** M, the number of images. */
  public long count() {
    return header.count();
  }

  /** Bytes of all images as they are stored. */
  public long bytes() {
    return header.bytes();
  }

  /** Names of the classes, sorted. */
  public List<String> classes() {
    return List.copyOf(header.classes().keySet());
  }

  /** Images by class. */
  public SortedMap<String, Long> classCounts() {
    return new TreeMap<>(header.classes());
  }

  /** Number of images without a class. */
  public long unlabelled() {
    return header.unlabelled();
  }

  /** What was passed over. */
  public LeftOut leftOut() {
    return header.leftOut();
  }

  /**
   * SHA-256, in hex, of the images' names relative to the dataset's root, their lengths and
   * classes, in the order of ids, and of the bytes of {@value #SAMPLE} evenly spread images. It
   * depends neither on where the dataset lies nor on the files' times.
   */
  public String fingerprint() {
    return header.fingerprint();
  }

  /** Why the images cannot be read one by one, such as "it is compressed as a whole", or null. */
  public String sequentialOnly() {
    return header.sequentialOnly();
  }

  /** Number of files that can only be read from their beginnings; 0 if images are read by id. */
  public int sequentialUnits() {
    return header.unitCounts().size();
  }

  /** Reads images by id; where tasks run, one for all of them. */
  public DatasetReader reader() {
    Opened dataset = opened.value();
    synchronized (READERS) {
      return READERS.computeIfAbsent(
          dataset.id,
          id ->
              new DatasetReader(
                  dataset.header, dataset.directory, dataset.files, dataset.settings));
    }
  }

  /**
   * The images of consecutive ids, where tasks run: by {@link #reader}, or by a scan of their files
   * where they cannot be read one by one.
   */
  public Iterator<ImageRecord> read(long from, long to) {
    Opened dataset = opened.value();
    return dataset.header.sequentialOnly() == null
        ? reader().read(from, to)
        : new SequentialImages(
            dataset.scanner, dataset.header, from, to, dataset.files.configuration());
  }

  /**
   * All images in the order of ids, read straight from storage: partition p holds the ids from p B
   * on.
   *
   * @param idsPerPartition B
   */
  public JavaRDD<ImageRecord> images(JavaSparkContext spark, int idsPerPartition) {
    long count = count();
    int partitions = Math.toIntExact((count + idsPerPartition - 1) / idsPerPartition);
    List<Integer> numbers = IntStream.range(0, partitions).boxed().toList();
    return spark
        .parallelize(numbers, partitions)
        .flatMap(
            p -> {
              long from = (long) p * idsPerPartition;
              return read(from, Math.min(count, from + idsPerPartition));
            });
  }

  private String computeFingerprint(JavaSparkContext spark) {
    MessageDigest digest = OrderedHash.sha256();
    digest.update(header.fingerprint().getBytes(UTF_8));
    if (sequentialOnly() == null) {
      long count = count();
      int sample = (int) Math.min(SAMPLE, count);
      List<Long> ids = LongStream.range(0, sample).map(i -> i * count / sample).boxed().toList();
      spark
          .parallelize(ids, Math.min(ids.size(), spark.defaultParallelism()))
          .mapPartitions(
              ofPart -> {
                List<Long> wanted = new ArrayList<>();
                ofPart.forEachRemaining(wanted::add);
                List<byte[]> hashes = new ArrayList<>();
                reader()
                    .read(wanted.stream().mapToLong(Long::longValue).toArray())
                    .forEachRemaining(
                        image -> hashes.add(OrderedHash.sha256().digest(image.bytes())));
                return hashes.iterator();
              })
          .collect()
          .forEach(digest::update);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
