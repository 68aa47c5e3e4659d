package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.simclrspark.data.DataException;

/** Makes the index of a dataset by Spark: tasks scan the units and write the parts. */
final class IndexBuilder {
  private static final int PARTS_PER_CORE = 4;

  private final JavaSparkContext spark;
  private final ImageScanner scanner;
  private final DatasetSpec spec;
  private final ScanUnits units;

  IndexBuilder(JavaSparkContext spark, ImageScanner scanner, DatasetSpec spec, ScanUnits units) {
    this.spark = spark;
    this.scanner = scanner;
    this.spec = spec;
    this.units = units;
  }

  /** The stamp of the files as they are now. */
  Stamp stamp() {
    Stamp ofUnits = Stamp.of(units.units());
    return scanner.hasFileForEachImage()
        ? scanned()
            .filter(line -> line.entry() != null)
            .map(line -> Stamp.of(line.entry().name(), line.entry().length(), line.modified()))
            .fold(Stamp.NONE, Stamp::plus)
            .plus(ofUnits)
        : ofUnits;
  }

  /**
   * Writes the parts.
   *
   * @return the header without its fingerprint, not yet written
   */
  IndexHeader build(Path directory) {
    String build = IndexHeader.newBuild();
    String parts = new Path(directory, build).toString();
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    JavaRDD<Scanned> lines = scanned();
    boolean ordered = scanner.isOrdered();
    if (!ordered) {
      // Sorting samples first: without keeping the lines it would list all files twice.
      lines.persist(StorageLevel.DISK_ONLY());
    }
    try {
      JavaRDD<Scanned> inOrder =
          ordered ? lines : lines.sortBy(Scanned::key, true, lines.getNumPartitions());
      List<PartSummary> written =
          inOrder
              .mapPartitionsWithIndex(
                  (part, ofPart) ->
                      List.of(PartSummary.write(parts, part, ofPart, hadoop.value())).iterator(),
                  false)
              .collect();
      return header(build, written);
    } finally {
      lines.unpersist(false);
    }
  }

  private JavaRDD<Scanned> scanned() {
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    ImageScanner of = scanner;
    int parts =
        Math.max(1, Math.min(units.units().size(), spark.defaultParallelism() * PARTS_PER_CORE));
    return spark
        .parallelize(units.units(), parts)
        .flatMap(unit -> new UnitLines(of, unit, hadoop.value()));
  }

  private IndexHeader header(String build, List<PartSummary> written) {
    List<IndexPart> parts = new ArrayList<>();
    List<Long> unitCounts = new ArrayList<>();
    TreeMap<String, Long> classes = new TreeMap<>();
    MemberFolders folders = new MemberFolders();
    LeftOut leftOut = new LeftOut();
    leftOut.add(units.leftOut());
    OrderedHash hash = OrderedHash.EMPTY;
    Stamp stamp = Stamp.NONE;
    String sequentialOnly = null;
    long count = 0;
    long bytes = 0;
    long unlabelled = 0;
    for (PartSummary part : written) {
      if (part.count > 0) {
        parts.add(new IndexPart(part.file, count, part.count, part.footer, part.length));
      }
      count += part.count;
      bytes += part.bytes;
      unlabelled += part.unlabelled;
      part.classes.forEach((name, images) -> classes.merge(name, images, Long::sum));
      folders.add(part.folders);
      leftOut.add(part.leftOut);
      hash = hash.then(part.hash);
      stamp = stamp.plus(part.stamp);
      unitCounts.addAll(part.unitCounts);
      sequentialOnly = sequentialOnly == null ? part.sequentialOnly : sequentialOnly;
    }
    if (count == 0) {
      throw new DataException(
          "A dataset must hold images, but none is in "
              + spec.path()
              + " (read as "
              + scanner.format()
              + (leftOut.isEmpty() ? "" : "; " + leftOut.describe())
              + "); check the path or name another format");
    }
    int sharedFolders = MemberFolders.NONE;
    if (scanner.isClassedByFolders()) {
      sharedFolders = folders.shared();
      TreeMap<String, Long> byFolder = new TreeMap<>();
      unlabelled = folders.count(sharedFolders, byFolder);
      scanner.checkFolders(byFolder.keySet());
      byFolder.forEach((name, images) -> classes.merge(name, images, Long::sum));
    }
    return new IndexHeader(
        IndexHeader.VERSION,
        scanner.format(),
        units.root(),
        scanner.hasFileForEachImage()
            ? stamp.plus(Stamp.of(units.units()))
            : Stamp.of(units.units()),
        count,
        bytes,
        hash.value().toString(16),
        classes,
        unlabelled,
        sharedFolders,
        leftOut,
        sequentialOnly,
        sequentialOnly == null ? List.of() : unitCounts,
        build,
        parts);
  }

  /**
   * An image of a unit, or the unit's end.
   *
   * @param entry null at the end of a unit, where the other values are set
   */
  private record Scanned(
      IndexEntry entry, long modified, long unitCount, LeftOut leftOut, String sequentialOnly)
      implements Serializable {

    /** Ends of units go first. */
    String key() {
      return entry == null ? "" : entry.file();
    }
  }

  /** Scans a unit; a line for every image and one for the end. */
  private static final class UnitLines implements Iterator<Scanned> {
    private final ScanUnit unit;
    private final ImageScanner scanner;
    private final ImageScan scan;
    private long count;
    private boolean ended;

    UnitLines(ImageScanner scanner, ScanUnit unit, Configuration hadoop) {
      this.unit = unit;
      this.scanner = scanner;
      try {
        scan = scanner.open(unit, false, hadoop);
      } catch (IOException e) {
        throw Scans.unreadable(scanner, unit, 0, e);
      }
    }

    @Override
    public boolean hasNext() {
      return !ended;
    }

    @Override
    public Scanned next() {
      try {
        FoundImage image = scan.next();
        if (image != null) {
          count++;
          return new Scanned(image.entry(), image.modified(), 0, null, null);
        }
        ended = true;
        scan.close();
        return new Scanned(null, 0, count, scan.leftOut(), scan.sequentialOnly());
      } catch (IOException e) {
        throw Scans.unreadable(scanner, unit, count, e);
      }
    }
  }

  /** What a task has written. */
  private static final class PartSummary implements Serializable {
    private final String file;
    private final TreeMap<String, Long> classes = new TreeMap<>();
    private final MemberFolders folders = new MemberFolders();
    private final LeftOut leftOut = new LeftOut();
    private final List<Long> unitCounts = new ArrayList<>();
    private OrderedHash hash = OrderedHash.EMPTY;
    private Stamp stamp = Stamp.NONE;
    private String sequentialOnly;
    private long count;
    private long bytes;
    private long unlabelled;
    private long footer;
    private long length;

    private PartSummary(String file) {
      this.file = file;
    }

    static PartSummary write(
        String directory, int part, Iterator<Scanned> lines, Configuration hadoop)
        throws IOException {
      // The name of the attempt: one that was given up may still be writing.
      String name =
          String.format(Locale.ROOT, "part-%05d-%d", part, TaskContext.get().taskAttemptId());
      PartSummary summary = new PartSummary(name);
      Path file = new Path(directory, name);
      try (IndexPartWriter writer =
          new IndexPartWriter(
              new BufferedOutputStream(file.getFileSystem(hadoop).create(file, true), 1 << 16))) {
        while (lines.hasNext()) {
          Scanned line = lines.next();
          if (line.entry == null) {
            summary.leftOut.add(line.leftOut);
            summary.unitCounts.add(line.unitCount);
            summary.sequentialOnly =
                summary.sequentialOnly == null ? line.sequentialOnly : summary.sequentialOnly;
          } else {
            writer.add(line.entry);
            summary.add(line.entry, line.modified);
          }
        }
        summary.footer = writer.finish();
      }
      summary.length = file.getFileSystem(hadoop).getFileStatus(file).getLen();
      return summary;
    }

    private void add(IndexEntry entry, long modified) {
      count++;
      bytes += entry.length();
      if (entry.label() == null) {
        unlabelled++;
        if (entry.member() != null) {
          folders.add(entry.member());
        }
      } else {
        classes.merge(entry.label(), 1L, Long::sum);
      }
      String identity =
          entry.name() + "\0" + entry.length() + "\0" + entry.encoding() + "\0" + entry.label();
      hash = hash.with(identity.getBytes(UTF_8));
      stamp = stamp.plus(Stamp.of(entry.name(), entry.length(), modified));
    }
  }
}
