package org.simclrspark.data.index;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord.Encoding;

/**
 * What an index of very many images takes, with a format whose images are made up: seconds, bytes
 * an image, and the peak of the heap of driver and executor together, in one process.
 *
 * <pre>java -Xmx512m ... LargeIndex FILES IMAGES_IN_EACH</pre>
 */
final class LargeIndex {

  private LargeIndex() {}

  /** Images of 100 KB in files that do not exist. */
  private record MadeUp(int files, int imagesInEach) implements ImageScanner {
    @Override
    public String format() {
      return "made-up";
    }

    @Override
    public ScanUnits list(Configuration hadoop) {
      List<ScanUnit> units = new ArrayList<>();
      for (int file = 0; file < files; file++) {
        String name = String.format(Locale.ROOT, "shard-%07d.tar", file);
        units.add(new ScanUnit("file:/nowhere", name, 0, 1, 0));
      }
      return new ScanUnits("file:/nowhere", units, new LeftOut());
    }

    @Override
    public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) {
      return new ImageScan() {
        private int next;

        @Override
        public FoundImage next() {
          if (next == imagesInEach) {
            return null;
          }
          String name = String.format(Locale.ROOT, "n%08d/image-%08d.jpg", next % 1000, next);
          String label = name.substring(0, 9);
          IndexEntry entry =
              new IndexEntry(unit.name(), name, next++ * 100_512L, 100_000, Encoding.FILE, label);
          return new FoundImage(entry, 0, null);
        }

        @Override
        public LeftOut leftOut() {
          return new LeftOut();
        }

        @Override
        public void close() {}
      };
    }
  }

  public static void main(String[] arguments) throws IOException {
    MadeUp scanner = new MadeUp(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    java.nio.file.Path directory = Files.createTempDirectory("large-index");
    try {
      measure(scanner, new Path(directory.toUri()));
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static void measure(MadeUp scanner, Path directory) throws IOException {
    try (JavaSparkContext spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("index")
                .set("spark.ui.enabled", "false"))) {
      spark.setLogLevel("ERROR");
      ScanUnits units = scanner.list(spark.hadoopConfiguration());
      DatasetSpec spec = DatasetSpec.train("/nowhere", "made-up");
      long start = System.nanoTime();
      IndexHeader header = new IndexBuilder(spark, scanner, spec, units).build(directory);
      double seconds = (System.nanoTime() - start) / 1e9;
      header.write(directory, spark.hadoopConfiguration());
      long bytes = header.parts().stream().mapToLong(IndexPart::length).sum();
      IndexReader reader =
          new IndexReader(
              header,
              directory.toString(),
              new StoredFiles(spark.hadoopConfiguration(), 8),
              Requests.pool(8));
      start = System.nanoTime();
      int lookedUp = 0;
      java.util.SplittableRandom random = new java.util.SplittableRandom(1);
      for (int shard = 0; shard < 100; shard++) {
        lookedUp += reader.entries(random.longs(256, 0, header.count()).toArray()).size();
      }
      double lookups = lookedUp / ((System.nanoTime() - start) / 1e9);
      long peak =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == MemoryType.HEAP)
              .mapToLong(LargeIndex::peak)
              .sum();
      System.out.printf(
          Locale.ROOT,
          "%,d images in %,d files: %.0f s, %,d bytes (%.1f an image) in %,d parts, %,.0f look-ups"
              + " a second, peak of the heap %,d MiB%n",
          header.count(),
          units.units().size(),
          seconds,
          bytes,
          (double) bytes / header.count(),
          header.parts().size(),
          lookups,
          peak >> 20);
    }
  }

  private static long peak(MemoryPoolMXBean pool) {
    return pool.getPeakUsage().getUsed();
  }
}
