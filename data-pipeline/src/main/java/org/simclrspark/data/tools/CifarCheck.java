package org.simclrspark.data.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.simclrspark.data.DataException;
import org.simclrspark.data.source.CifarFormat;

/** Checks that a directory holds the 60,000 images of CIFAR-10 in the binary format. */
final class CifarCheck {
  static final List<String> TRAINING =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");
  static final String TEST = "test_batch.bin";
  static final int RECORDS_PER_FILE = 10_000;

  private static final List<Integer> FIRST_TRAINING_LABELS = List.of(6, 9, 9, 4, 1, 1, 2, 7, 8, 3);
  private static final List<Integer> FIRST_TEST_LABELS = List.of(3, 8, 8, 0, 6, 6, 1, 6, 3, 1);

  private CifarCheck() {}

  static void check(Path directory) throws IOException {
    int[] training = new int[CifarFormat.CIFAR_10.classes()];
    for (String name : TRAINING) {
      byte[] labels = labels(directory.resolve(name));
      count(labels, training);
      if (name.equals(TRAINING.get(0))) {
        checkFirst(directory.resolve(name), labels, FIRST_TRAINING_LABELS);
      }
    }
    checkBalance("training", training, 5000);
    int[] test = new int[CifarFormat.CIFAR_10.classes()];
    byte[] testLabels = labels(directory.resolve(TEST));
    count(testLabels, test);
    checkFirst(directory.resolve(TEST), testLabels, FIRST_TEST_LABELS);
    checkBalance("test", test, 1000);
  }

  private static byte[] labels(Path file) throws IOException {
    int record = CifarFormat.CIFAR_10.recordBytes();
    if (!Files.isRegularFile(file)) {
      throw new DataException("CIFAR-10 must have six files, but there is no " + file);
    }
    if (Files.size(file) != (long) record * RECORDS_PER_FILE) {
      throw new DataException(
          "A CIFAR-10 file must have "
              + (long) record * RECORDS_PER_FILE
              + " bytes, but "
              + file
              + " has "
              + Files.size(file));
    }
    byte[] bytes = Files.readAllBytes(file);
    byte[] labels = new byte[RECORDS_PER_FILE];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = bytes[i * record];
    }
    return labels;
  }

  private static void count(byte[] labels, int[] counts) {
    for (byte label : labels) {
      if (label < 0 || label >= counts.length) {
        throw new DataException("A CIFAR-10 label must lie in 0 to 9, found " + (label & 0xFF));
      }
      counts[label]++;
    }
  }

  private static void checkFirst(Path file, byte[] labels, List<Integer> expected) {
    List<Integer> found =
        IntStream.range(0, expected.size()).mapToObj(i -> (int) labels[i]).toList();
    if (!found.equals(expected)) {
      throw new DataException(
          "The first labels of " + file + " must be " + expected + ", found " + found);
    }
  }

  private static void checkBalance(String set, int[] counts, int expected) {
    if (Arrays.stream(counts).anyMatch(count -> count != expected)) {
      throw new DataException(
          "CIFAR-10 must have "
              + expected
              + " "
              + set
              + " images a class, found "
              + Arrays.toString(counts));
    }
  }
}
