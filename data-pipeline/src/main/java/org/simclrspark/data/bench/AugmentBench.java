package org.simclrspark.data.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.Pixels;

/**
 * Measures, on one thread, how fast two views are made of an image, and how fast images alone are
 * decoded, in turns.
 */
public final class AugmentBench {
  private static final int IMAGES = 64;
  private static final int ROUNDS = 7;
  private static final double SECONDS_PER_ROUND = 0.5;
  private static final float QUALITY = 0.9f;

  private final AugmentSettings settings;
  private final List<ImageRecord> images;
  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
  private final Pixels pixels = new Pixels();
  private final Augmenter augmenter;
  private final byte[] views;

  private AugmentBench(AugmentSettings settings, List<ImageRecord> images) {
    this.settings = settings;
    this.images = images;
    this.augmenter = new Augmenter(settings);
    this.views = new byte[2 * settings.viewBytes()];
  }

  /**
   * Runs for some ten seconds.
   *
   * @param settings of the views
   * @param images to make views of; see {@link #synthetic}
   * @return images_per_second_per_core and decode_images_per_second_per_core, medians over rounds,
   *     and what was measured
   */
  public static Map<String, Object> run(AugmentSettings settings, List<ImageRecord> images) {
    return new AugmentBench(settings, images).run();
  }

  /** Pictures of a size; of 32 x 32 in CIFAR's format, else JPEG. */
  public static List<ImageRecord> synthetic(int width, int height) {
    List<ImageRecord> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      var photo = SyntheticPhotos.photo(width, height, i);
      if (width == 32 && height == 32) {
        byte[] planes = new byte[3 * 1024];
        for (int at = 0; at < planes.length; at++) {
          int rgb = photo.getRGB(at % 32, at / 32 % 32);
          planes[at] = (byte) (rgb >> (16 - 8 * (at / 1024)));
        }
        images.add(new ImageRecord(i, null, "synthetic-" + i, Encoding.CIFAR, planes));
      } else {
        images.add(new ImageRecord(i, null, "synthetic-" + i, Encoding.FILE, encode(photo)));
      }
    }
    return images;
  }

  /** Writes images as files: JPEG as they are, CIFAR's as PNG. */
  public static void save(List<ImageRecord> images, Path directory) throws IOException {
    Files.createDirectories(directory);
    for (ImageRecord image : images) {
      Path file = directory.resolve(image.name());
      if (image.encoding() == Encoding.FILE) {
        Files.write(file.resolveSibling(file.getFileName() + ".jpg"), image.bytes());
      } else {
        var photo = SyntheticPhotos.photo(32, 32, (int) image.id());
        ImageIO.write(photo, "png", file.resolveSibling(file.getFileName() + ".png").toFile());
      }
    }
  }

  private static byte[] encode(java.awt.image.BufferedImage photo) {
    try {
      return SyntheticPhotos.jpeg(photo, QUALITY);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Map<String, Object> run() {
    double[] both = new double[ROUNDS];
    double[] decode = new double[ROUNDS];
    // The first rounds compile the code; their figures are not used.
    rate(this::augment);
    rate(this::decode);
    rate(this::augment);
    for (int round = 0; round < ROUNDS; round++) {
      decode[round] = rate(this::decode);
      both[round] = rate(this::augment);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", "augment");
    result.put("size", settings.size());
    result.put("images", images.size());
    result.put(
        "bytes_per_image",
        (long) images.stream().mapToInt(image -> image.bytes().length).average().orElse(0));
    result.put("views_per_image", 2);
    result.put("images_per_second_per_core", median(both));
    result.put("decode_images_per_second_per_core", median(decode));
    result.put("ratio_to_decode", median(both) / median(decode));
    result.put("seconds_per_image", 1 / median(both));
    return result;
  }

  private void augment(ImageRecord image, int epoch) {
    augmenter.views(image, 1, epoch, views, 0, views, settings.viewBytes());
  }

  private void decode(ImageRecord image, int epoch) {
    try {
      decoder.decode(image, pixels);
    } catch (DamagedImageException e) {
      throw ImageDecoder.failure(image, e);
    }
  }

  private double rate(Work work) {
    long start = System.nanoTime();
    long end = start + (long) (SECONDS_PER_ROUND * 1e9);
    long done = 0;
    int epoch = 0;
    while (System.nanoTime() < end) {
      for (ImageRecord image : images) {
        work.on(image, epoch);
      }
      done += images.size();
      epoch++;
    }
    return done / ((System.nanoTime() - start) / 1e9);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @FunctionalInterface
  private interface Work {
    void on(ImageRecord image, int epoch);
  }
}
