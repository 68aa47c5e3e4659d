package org.simclrspark.data.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/** What a scanner finds, without Spark. */
record ScannedData(List<FoundImage> images, LeftOut leftOut, String root, String sequentialOnly) {
  private static final Configuration HADOOP = new Configuration();

  static ScannedData train(Object path, String format) throws IOException {
    return of(DatasetSpec.train(path.toString(), format));
  }

  static ScannedData test(Object path, String format) throws IOException {
    return of(DatasetSpec.test(path.toString(), format));
  }

  static ScannedData of(DatasetSpec spec) throws IOException {
    ImageScanner scanner = ImageSources.scanner(spec, HADOOP);
    ScanUnits units = scanner.list(HADOOP);
    LeftOut leftOut = new LeftOut();
    leftOut.add(units.leftOut());
    List<FoundImage> images = new ArrayList<>();
    String sequentialOnly = null;
    for (ScanUnit unit : units.units()) {
      try (ImageScan scan = scanner.open(unit, true, HADOOP)) {
        for (FoundImage image = scan.next(); image != null; image = scan.next()) {
          images.add(image);
        }
        leftOut.add(scan.leftOut());
        sequentialOnly = scan.sequentialOnly();
      }
    }
    if (!scanner.isOrdered()) {
      images.sort(Comparator.comparing(image -> image.entry().file()));
    }
    return new ScannedData(images, leftOut, units.root(), sequentialOnly);
  }

  /** Names of the images within the dataset, or within their archive. */
  List<String> names() {
    return images.stream()
        .map(FoundImage::entry)
        .map(entry -> entry.member() == null ? entry.file() : entry.member())
        .toList();
  }

  List<String> labels() {
    return images.stream().map(image -> image.entry().label()).toList();
  }

  /** The images as text. */
  List<String> texts() {
    return images.stream().map(image -> new String(image.bytes(), StandardCharsets.UTF_8)).toList();
  }

  /** The images as text, each read by itself where its entry says. */
  List<String> textsByPosition() throws IOException {
    List<String> texts = new ArrayList<>();
    for (FoundImage image : images) {
      IndexEntry entry = image.entry();
      String file = IndexEntry.path(root, entry.file());
      byte[] bytes = new byte[(int) entry.length()];
      try (var input = DataFiles.of(file, HADOOP).open(file)) {
        input.readFully(entry.offset(), bytes);
      }
      texts.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return texts;
  }

  String said() {
    return leftOut.describe();
  }

  /** Runs a script of bash in a directory: its names are bytes, whatever the locale. */
  static void shell(Path directory, String script) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("bash", "-ec", script).directory(directory.toFile()).inheritIO().start();
    if (!shell.waitFor(1, TimeUnit.MINUTES) || shell.exitValue() != 0) {
      throw new IOException("the script failed: " + script);
    }
  }
}
