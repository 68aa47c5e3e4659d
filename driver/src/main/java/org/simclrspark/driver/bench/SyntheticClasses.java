package org.simclrspark.driver.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.decode.JpegEncoder;
import org.simclrspark.data.decode.Pixels;

/**
 * A dataset of small JPEGs in tar files, a folder a class: each class has a coarse pattern of its
 * own, which every image of it shows under noise as coarse and half as strong again.
 *
 * @param directory where it lies, on this machine
 * @param images number of images
 * @param classes their number; image i is of class i modulo it
 * @param seed of the noise; patterns are the same for all seeds
 */
record SyntheticClasses(Path directory, long images, int classes, long seed) {

  private static final int SIDE = 32;
  private static final int CELLS = 8;
  private static final int IMAGES_IN_FILE = 10_000;
  private static final int QUALITY = 75;
  private static final double PATTERN = 22;
  private static final double NOISE = 33;

  /** Makes it, in parallel, unless it is there already. */
  void make(JavaSparkContext spark) throws IOException {
    Path mark = directory.resolve("complete");
    if (Files.exists(mark) && Files.readString(mark).equals(description())) {
      return;
    }
    Files.deleteIfExists(mark);
    Files.createDirectories(directory);
    int files = (int) ((images + IMAGES_IN_FILE - 1) / IMAGES_IN_FILE);
    String where = directory.toString();
    long count = images;
    int ofClasses = classes;
    long key = seed;
    spark
        .parallelize(IntStream.range(0, files).boxed().toList(), files)
        .foreach(file -> write(Path.of(where), file, count, ofClasses, key));
    Files.writeString(mark, description());
  }

  private String description() {
    return images + " images of " + classes + " classes, seed " + seed;
  }

  private static void write(Path directory, int file, long images, int classes, long seed) {
    Path target = directory.resolve(String.format(Locale.ROOT, "part-%05d.tar", file));
    long from = (long) file * IMAGES_IN_FILE;
    long to = Math.min(images, from + IMAGES_IN_FILE);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (long image = from; image < to; image++) {
        int label = (int) (image % classes);
        byte[] bytes = new JpegEncoder().encode(draw(label, seed * images + image), QUALITY);
        TarArchiveEntry entry =
            new TarArchiveEntry(String.format(Locale.ROOT, "class%05d/%010d.jpg", label, image));
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + target + ": " + e.getMessage(), e);
    }
  }

  /** Pattern and noise on a coarse grid of greys, each cell a square of pixels. */
  private static Pixels draw(int label, long image) {
    SplittableRandom pattern = new SplittableRandom(label * 0x9e3779b97f4a7c15L + 1);
    SplittableRandom noise = new SplittableRandom(image * 0xd1342543de82ef95L + 7);
    Pixels pixels = new Pixels();
    pixels.resize(SIDE, SIDE);
    int cell = SIDE / CELLS;
    for (int row = 0; row < CELLS; row++) {
      for (int column = 0; column < CELLS; column++) {
        double value = 128 + PATTERN * pattern.nextGaussian() + NOISE * noise.nextGaussian();
        int grey = (int) Math.max(0, Math.min(255, value));
        int word = grey << 24 | grey << 16 | grey << 8;
        for (int y = row * cell; y < (row + 1) * cell; y++) {
          for (int x = column * cell; x < (column + 1) * cell; x++) {
            pixels.words()[y * SIDE + x] = word;
          }
        }
      }
    }
    return pixels;
  }
}
