package org.simclrspark.data.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.simclrspark.data.source.CifarFormat;

/**
 * Takes the first images of each class out of CIFAR-10 in the binary format, in files of as many of
 * each class. The sample in this repository was made with {@code FROM TO 250 2 50}.
 */
public final class CifarSample {
  private CifarSample() {}

  /**
   * Arguments: {@code FROM_DIRECTORY TO_DIRECTORY TRAINING_PER_CLASS_AND_FILE TRAINING_FILES
   * TEST_PER_CLASS}.
   */
  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Files.createDirectories(Path.of(arguments[1]));
    int perClass = Integer.parseInt(arguments[2]);
    for (int file = 0; file < Integer.parseInt(arguments[3]); file++) {
      Path target = to.resolve("data_batch_" + (file + 1) + ".bin");
      sample(from, CifarCheck.TRAINING, file * perClass, perClass, target);
    }
    int testPerClass = Integer.parseInt(arguments[4]);
    sample(from, List.of(CifarCheck.TEST), 0, testPerClass, to.resolve(CifarCheck.TEST));
  }

  private static void sample(Path from, List<String> names, int skipped, int perClass, Path to)
      throws IOException {
    int record = CifarFormat.CIFAR_10.recordBytes();
    int[] met = new int[CifarFormat.CIFAR_10.classes()];
    try (OutputStream output = Files.newOutputStream(to)) {
      for (String name : names) {
        byte[] bytes = Files.readAllBytes(from.resolve(name));
        for (int offset = 0; offset < bytes.length; offset += record) {
          int before = met[bytes[offset]]++;
          if (before >= skipped && before < skipped + perClass) {
            output.write(bytes, offset, record);
          }
        }
      }
    }
  }
}
