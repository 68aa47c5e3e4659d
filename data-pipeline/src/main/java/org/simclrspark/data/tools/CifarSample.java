package org.simclrspark.data.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.simclrspark.data.source.CifarFormat;

/**
 * Takes the first images of each class out of CIFAR-10 in the binary format. The sample in this
 * repository was made with {@code FROM TO 250 50}.
 */
public final class CifarSample {
  private CifarSample() {}

  /** Arguments: {@code FROM_DIRECTORY TO_DIRECTORY TRAINING_PER_CLASS TEST_PER_CLASS}. */
  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Files.createDirectories(Path.of(arguments[1]));
    sample(
        from, CifarCheck.TRAINING, Integer.parseInt(arguments[2]), to.resolve("data_batch_1.bin"));
    sample(
        from,
        List.of(CifarCheck.TEST),
        Integer.parseInt(arguments[3]),
        to.resolve(CifarCheck.TEST));
  }

  private static void sample(Path from, List<String> names, int perClass, Path to)
      throws IOException {
    int record = CifarFormat.CIFAR_10.recordBytes();
    int[] taken = new int[CifarFormat.CIFAR_10.classes()];
    try (OutputStream output = Files.newOutputStream(to)) {
      for (String name : names) {
        byte[] bytes = Files.readAllBytes(from.resolve(name));
        for (int offset = 0; offset < bytes.length; offset += record) {
          if (taken[bytes[offset]]++ < perClass) {
            output.write(bytes, offset, record);
          }
        }
      }
    }
  }
}
