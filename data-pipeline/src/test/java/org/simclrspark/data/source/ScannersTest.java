package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.LocalSpark;
import org.simclrspark.data.TestDatasets;
import org.simclrspark.data.index.Dataset;

class ScannersTest {
  private static final int COUNT = 25;

  @TempDir static Path shared;
  private static SortedMap<String, byte[]> images;

  @TempDir Path own;

  @BeforeAll
  static void write() throws IOException {
    images = TestImages.images(COUNT);
    Path folder = shared.resolve("folder");
    TestImages.folder(folder, images);
    TestImages.manifest(folder, shared.resolve("manifest.tsv"), images);
    TestImages.tars(shared.resolve("tar"), images);
    TestImages.sequence(shared.resolve("sequence"), images);
    TestImages.parquet(shared.resolve("parquet"), images);
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "manifest.tsv", "tar", "sequence", "parquet"})
  void everyFormatGivesTheSameImages(String name) {
    for (String format : List.of("auto", name.replace(".tsv", ""))) {
      List<ImageRecord> found = TestDatasets.read(shared.resolve(name).toString(), format);
      assertThat(found).hasSize(COUNT);
      int id = 0;
      for (Map.Entry<String, byte[]> image : images.entrySet()) {
        assertThat(found.get(id).id()).isEqualTo(id);
        assertThat(found.get(id).bytes()).isEqualTo(image.getValue());
        assertThat(found.get(id).label()).isEqualTo(TestImages.label(image.getKey(), name));
        id++;
      }
    }
  }

  @Test
  void aFolderWithoutClassesHasNoLabels() throws IOException {
    Files.write(own.resolve("b.JPG"), new byte[] {1});
    Files.write(own.resolve("a.png"), new byte[] {2});
    Files.write(own.resolve(".hidden.png"), new byte[] {3});
    Files.writeString(own.resolve("notes.md"), "no image");
    List<ImageRecord> found = TestDatasets.read(own.toString(), "auto");
    assertThat(TestDatasets.open(own.toString(), "auto").leftOut().describe())
        .isEqualTo("left out 2 files: 1 .md, 1 hidden .png, first .hidden.png");
    assertThat(found).extracting(ImageRecord::label).containsOnlyNulls();
    assertThat(found.get(0).name()).endsWith("a.png");
    assertThat(found.get(1).bytes()).containsExactly(1);
  }

  @Test
  void foldersWithinArchivesAreClasses() throws Exception {
    TestImages.folder(own.resolve("d/train"), images);
    ScannedData.shell(
        own,
        "cd d && tar -cf ../dot.tar . && tar -czf ../whole.tgz train"
            + " && mkdir ../parts && tar -cf ../parts/1.tar train/ant"
            + " && tar -cf ../parts/2.tar train/bee train/cat");
    Map<String, Long> expected = TestDatasets.open(own + "/d/train", "folder").classCounts();
    assertThat(expected).containsOnlyKeys("ant", "bee", "cat");
    for (String path : List.of("dot.tar", "whole.tgz", "parts")) {
      Dataset dataset = TestDatasets.open(own.resolve(path).toString(), "auto");
      assertThat(dataset.classCounts()).as(path).isEqualTo(expected);
      List<ImageRecord> found = dataset.images(LocalSpark.context(), 10).collect();
      assertThat(found).hasSize(COUNT);
      assertThat(found)
          .allSatisfy(image -> assertThat(image.name()).contains("/" + image.label() + "/"));
    }
  }

  @Test
  void splitsWithinArchivesAreRefused() throws Exception {
    TestImages.folder(own.resolve("d/train"), images);
    ScannedData.shell(own, "cp -r d/train d/val && tar -cf x.tar d");
    assertThatThrownBy(() -> TestDatasets.open(own + "/x.tar", "tar"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("are the splits train, val; pack each split");
  }

  @Test
  void aManifestMayBeRelativeAndWithoutLabels() throws IOException {
    Files.createDirectories(own.resolve("x"));
    Files.write(own.resolve("x/1.png"), new byte[] {1});
    Files.write(own.resolve("2.png"), new byte[] {2});
    Files.writeString(own.resolve("list.txt"), "2.png\n\nx/1.png\n");
    List<ImageRecord> found = TestDatasets.read(own.resolve("list.txt").toString(), "auto");
    assertThat(found).extracting(image -> image.bytes()[0]).containsExactly((byte) 2, (byte) 1);
    assertThat(found).extracting(ImageRecord::label).containsOnlyNulls();
  }

  @Test
  void aManifestNamesTheFileThatIsGone() throws IOException {
    Files.writeString(own.resolve("list.txt"), "gone.png\n");
    assertThatThrownBy(() -> TestDatasets.open(own.resolve("list.txt").toString(), "manifest"))
        .hasStackTraceContaining("line 1 of")
        .hasStackTraceContaining("gone.png (the line is: gone.png)");
  }

  @Test
  void aTruncatedTarIsRefused() throws IOException {
    TestImages.tars(own, images);
    Path tar = own.resolve("shard-00001.tar");
    byte[] bytes = Files.readAllBytes(tar);
    Files.write(tar, Arrays.copyOf(bytes, bytes.length / 2 + 100));
    assertRefused("tar", "shard-00001.tar (read as tar) cannot be read after");
  }

  @Test
  void aTruncatedSequenceFileIsRefused() throws IOException {
    TestImages.sequence(own, images);
    Files.delete(own.resolve(".part-00001.crc"));
    Path file = own.resolve("part-00001");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 300));
    assertRefused("sequence", "part-00001 (read as sequence) cannot be read after");
  }

  @Test
  void aTruncatedParquetFileIsRefused() throws IOException {
    TestImages.parquet(own, images);
    Files.delete(own.resolve(".part-0.parquet.crc"));
    Path file = own.resolve("part-0.parquet");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 300));
    assertRefused("parquet", "part-0.parquet cannot be read");
  }

  @Test
  void anInterruptedPreparationIsRefused() throws IOException {
    TestImages.parquet(own, images);
    Files.createDirectories(own.resolve(PreparedDataset.WORK));
    assertRefused("parquet", "was interrupted; run the same simclr prepare again");
  }

  @Test
  void whatIsNoDatasetIsRefused() throws IOException {
    assertRefused("auto", "must hold files");
    Files.writeString(own.resolve("notes.md"), "no image");
    assertRefused("auto", "say none (1 file: 1 .md, first");
    assertRefused("folder", "none is in");
    assertThatThrownBy(() -> TestDatasets.open(own + "/nowhere", "auto"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing is at");
  }

  private void assertRefused(String format, String message) {
    assertThatThrownBy(() -> TestDatasets.open(own.toString(), format))
        .hasStackTraceContaining(message);
  }
}
