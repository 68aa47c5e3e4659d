package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.TestDatasets;
import org.simclrspark.data.index.Dataset;

class CifarScannerTest {
  private static final Path SAMPLE = Path.of("sample/cifar10");

  @TempDir Path directory;

  @Test
  void theSampleIsBalanced() {
    Dataset training = TestDatasets.open(SAMPLE.toString(), "auto");
    assertThat(training.count()).isEqualTo(5000);
    assertThat(training.classCounts())
        .containsOnlyKeys(CifarFormat.CLASSES_10)
        .allSatisfy((label, count) -> assertThat(count).isEqualTo(500));
    Dataset labelled = TestDatasets.open(SAMPLE.resolve("data_batch_1.bin").toString(), "cifar10");
    assertThat(labelled.classCounts())
        .containsOnlyKeys(CifarFormat.CLASSES_10)
        .allSatisfy((label, count) -> assertThat(count).isEqualTo(250));
    Dataset test = TestDatasets.open(SAMPLE.resolve("test_batch.bin").toString(), "cifar10");
    assertThat(test.classCounts())
        .containsOnlyKeys(CifarFormat.CLASSES_10)
        .allSatisfy((label, count) -> assertThat(count).isEqualTo(50));
  }

  @Test
  void idsCountRecordsInTheOrderOfNames() throws IOException {
    write("b.bin", 3, 4);
    write("a.bin", 0, 1, 2);
    write("c.bin", 5);
    Files.writeString(directory.resolve("readme.html"), "not data");
    List<ImageRecord> images = read(directory.toString());
    assertThat(images).extracting(ImageRecord::id).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    for (ImageRecord image : images) {
      assertThat(image.label()).isEqualTo(CifarFormat.CLASSES_10.get((int) image.id()));
      assertThat(image.bytes()).hasSize(3072).containsOnly((byte) (image.id() + 100));
    }
    assertThat(images.get(4).name()).endsWith("b.bin#1");
  }

  @Test
  void aGlobAndAFileWork() throws IOException {
    write("data_batch_1.bin", 1);
    write("data_batch_2.bin", 2, 3);
    write("other.bin", 9);
    assertThat(read(directory + "/data_batch_*.bin"))
        .extracting(ImageRecord::label)
        .containsExactly("automobile", "bird", "cat");
    assertThat(read(directory + "/data_batch_2.bin"))
        .extracting(ImageRecord::label)
        .containsExactly("bird", "cat");
  }

  @Test
  void aDirectoryLeavesItsTestImagesOut() throws IOException {
    write("data_batch_1.bin", 1);
    write("test_batch.bin", 2);
    assertThat(read(directory.toString()))
        .extracting(ImageRecord::label)
        .containsExactly("automobile");
  }

  @Test
  void aFileOfManySlicesKeepsItsOrder() throws IOException {
    int[] labels = new int[4500];
    Arrays.setAll(labels, i -> i % 7);
    write("a.bin", labels);
    List<ImageRecord> images = read(directory.toString());
    assertThat(images).hasSize(4500);
    assertThat(images)
        .allMatch(image -> image.label().equals(CifarFormat.CLASSES_10.get((int) image.id() % 7)));
  }

  @Test
  void readsTheFineLabelOfCifar100() throws IOException {
    byte[] record = new byte[3074];
    record[0] = 19;
    record[1] = 99;
    record[2] = 7;
    Files.write(directory.resolve("train.bin"), record);
    List<ImageRecord> images = TestDatasets.read(directory.toString(), "cifar100");
    assertThat(images).hasSize(1);
    assertThat(images.get(0).label()).isEqualTo("worm");
    assertThat(images.get(0).bytes()[0]).isEqualTo((byte) 7);
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    Files.write(directory.resolve("a.bin"), new byte[3073 * 2 + 5]);
    assertFails(directory.toString(), "a.bin has 6151 bytes (2 records and 5 bytes)");
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    Files.write(directory.resolve("a.bin"), new byte[0]);
    assertFails(directory.toString(), "a.bin has 0 bytes");
  }

  @Test
  void refusesAMissingPath() {
    assertFails(directory + "/nowhere", "nothing is at " + directory + "/nowhere");
    assertFails(directory + "/*.bin", "nothing is at");
  }

  @Test
  void refusesADirectoryWithoutFiles() {
    assertFails(directory.toString(), "none is in " + directory);
  }

  @Test
  void refusesAnUnknownFileSystem() {
    assertFails("nosuch://host/path", "No FileSystem for scheme");
  }

  @Test
  void refusesALabelThatIsNone() throws IOException {
    write("a.bin", 1, 2, 77);
    assertThatThrownBy(() -> read(directory.toString()))
        .hasRootCauseInstanceOf(DataException.class)
        .hasMessageContaining("found 77 in")
        .hasMessageContaining("a.bin#2");
  }

  @Test
  void refusesAnUnknownFormat() {
    assertThatThrownBy(() -> TestDatasets.open("x", "bmp"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("auto, cifar10")
        .hasMessageContaining("found bmp");
  }

  private void assertFails(String path, String message) {
    assertThatThrownBy(() -> TestDatasets.open(path, "cifar10"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  private List<ImageRecord> read(String path) {
    return TestDatasets.read(path, "cifar10");
  }

  private void write(String name, int... labels) throws IOException {
    byte[] bytes = new byte[labels.length * 3073];
    for (int i = 0; i < labels.length; i++) {
      Arrays.fill(bytes, i * 3073, (i + 1) * 3073, (byte) (labels[i] + 100));
      bytes[i * 3073] = (byte) labels[i];
    }
    Files.write(directory.resolve(name), bytes);
  }
}
