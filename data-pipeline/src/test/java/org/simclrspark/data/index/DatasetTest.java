package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.LocalSpark;
import org.simclrspark.data.TestDatasets;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.source.TestImages;

class DatasetTest {
  private static final int COUNT = 40;

  @TempDir Path directory;

  @Test
  void readsExactlyTheImagesOfTheIds() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    Dataset dataset = TestDatasets.open(TestImages.folder(directory, images), "folder");
    List<byte[]> stored = List.copyOf(images.values());
    long[] ids = {17, 3, 3, 39, 0, 16};
    List<ImageRecord> read = new ArrayList<>();
    dataset.reader().read(ids).forEachRemaining(read::add);
    assertThat(read).extracting(ImageRecord::id).containsExactly(17L, 3L, 3L, 39L, 0L, 16L);
    assertThat(read).allSatisfy(i -> assertThat(i.bytes()).isEqualTo(stored.get((int) i.id())));
    assertThatThrownBy(() -> dataset.reader().read(new long[] {COUNT}).next())
        .hasMessageContaining("0 to 39, found 40");
  }

  @Test
  void knowsCountsAndClasses() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    TestImages.folder(directory, images);
    Files.write(directory.resolve("alone.png"), images.get(images.firstKey()));
    Files.writeString(directory.resolve("ant/notes.md"), "no image");
    Dataset dataset = TestDatasets.open(directory.toString(), "folder");
    assertThat(dataset.count()).isEqualTo(COUNT + 1);
    assertThat(dataset.classes()).containsExactly("ant", "bee", "cat");
    assertThat(dataset.classCounts()).isEqualTo(Map.of("ant", 14L, "bee", 13L, "cat", 13L));
    assertThat(dataset.unlabelled()).isEqualTo(1);
    assertThat(dataset.leftOut().describe())
        .isEqualTo("left out 1 file: 1 .md, first ant/notes.md");
  }

  @Test
  void theFingerprintIsThatOfTheImagesWhereverTheyLie() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    String one = fingerprint("one", images);
    assertThat(one).matches("[0-9a-f]{64}").isEqualTo(fingerprint("two", images));

    String some = some(images);
    SortedMap<String, byte[]> bytes = new TreeMap<>(images);
    byte[] changed = bytes.get(some).clone();
    changed[20] ^= 1;
    bytes.put(some, changed);
    SortedMap<String, byte[]> renamed = new TreeMap<>(images);
    renamed.put("bee/another.jpg", renamed.remove(some));
    SortedMap<String, byte[]> length = new TreeMap<>(images);
    length.put(some, Arrays.copyOf(changed, changed.length + 1));
    assertThat(
            Stream.of(
                one,
                fingerprint("bytes", bytes),
                fingerprint("renamed", renamed),
                fingerprint("length", length)))
        .doesNotHaveDuplicates();
  }

  private static String some(SortedMap<String, byte[]> images) {
    return images.keySet().stream()
        .filter(name -> name.startsWith("bee") && name.endsWith(".jpg"))
        .findFirst()
        .orElseThrow();
  }

  private String fingerprint(String name, SortedMap<String, byte[]> images) throws IOException {
    String folder = TestImages.folder(directory.resolve(name), images);
    return TestDatasets.open(folder, "folder").fingerprint();
  }

  @Test
  void theIndexIsMadeOnceAndAgainWhenFilesChange() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    for (String format : List.of("folder", "tar")) {
      Path data = directory.resolve(format);
      if (format.equals("tar")) {
        TestImages.tars(data, images);
      } else {
        TestImages.folder(data, images);
      }
      Path index = directory.resolve(format + "-index");
      open(data, format, index);
      List<Path> built = builds(index);
      assertThat(built).hasSize(1);
      open(data, format, index);
      assertThat(builds(index)).isEqualTo(built);

      Path file = format.equals("tar") ? data.resolve("shard-00001.tar") : data.resolve("new.png");
      Files.write(
          file,
          format.equals("tar")
              ? Files.readAllBytes(data.resolve("shard-00002.tar"))
              : images.get(some(images)));
      Dataset again = open(data, format, index);
      assertThat(again.count()).isEqualTo(format.equals("tar") ? COUNT : COUNT + 1);
      assertThat(builds(index)).as("the last one may be in use").hasSize(2).containsAll(built);

      Path left = Files.createDirectory(built.get(0).resolveSibling("build-1000000000000-left"));
      Files.setLastModifiedTime(file, FileTime.fromMillis(-1_000_000_000L));
      open(data, format, index);
      assertThat(left).as("given up long ago").doesNotExist();
    }
  }

  /** As evaluations do beside a training, once its images have changed. */
  @Test
  void severalMayMakeOneIndexAtATime() throws Exception {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    Path data = directory.resolve("images");
    TestImages.folder(data, images);
    Path index = directory.resolve("index");
    List<Dataset> opened = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      Files.write(data.resolve("new-" + round + ".png"), images.get(some(images)));
      ExecutorService threads = Executors.newFixedThreadPool(3);
      try {
        List<Callable<Dataset>> all = Collections.nCopies(3, () -> open(data, "folder", index));
        for (Future<Dataset> dataset : threads.invokeAll(all)) {
          opened.add(dataset.get());
        }
      } finally {
        threads.shutdown();
      }
      for (Dataset dataset : opened.subList(3 * round, 3 * round + 3)) {
        assertThat(dataset.reader().read(0, dataset.count()))
            .toIterable()
            .hasSize(COUNT + round + 1);
      }
      assertThat(open(data, "folder", index).fingerprint())
          .isEqualTo(opened.get(3 * round).fingerprint());
    }
  }

  /** The list itself stays as it is. */
  @Test
  void theFilesThatAManifestListsAreLookedAtToo() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    Path data = directory.resolve("listed");
    TestImages.folder(data, images);
    List<String> lines = images.keySet().stream().map(name -> "listed/" + name + "\tant").toList();
    Path manifest = Files.write(directory.resolve("images.tsv"), lines);
    Path index = directory.resolve("index");
    String before = open(manifest, "manifest", index).fingerprint();

    byte[] longer = Arrays.copyOf(images.get(images.firstKey()), 100_000);
    Files.write(data.resolve(images.firstKey()), longer);
    Dataset again = open(manifest, "manifest", index);

    assertThat(again.reader().read(new long[] {0}).next().bytes()).hasSize(longer.length);
    assertThat(again.fingerprint()).isNotEqualTo(before);
  }

  @Test
  void anIndexThatWasCutOffIsMadeAgain() throws IOException {
    Path data = directory.resolve("images");
    TestImages.folder(data, TestImages.images(COUNT));
    Path index = directory.resolve("index");
    String fingerprint = open(data, "folder", index).fingerprint();
    Path header;
    try (Stream<Path> files = Files.walk(index)) {
      header = files.filter(f -> f.endsWith("index.json")).findFirst().orElseThrow();
    }
    Files.delete(header.resolveSibling(".index.json.crc"));
    Files.write(header, Arrays.copyOf(Files.readAllBytes(header), 100));
    assertThat(open(data, "folder", index).fingerprint()).isEqualTo(fingerprint);
  }

  @Test
  void aChangeDuringTheRunIsToldWhereItIsMet() throws IOException {
    Path data = directory.resolve("tars");
    TestImages.tars(data, TestImages.images(COUNT));
    Dataset dataset = TestDatasets.open(data.toString(), "tar");
    Files.write(data.resolve("shard-00003.tar"), new byte[1024]);
    assertThatThrownBy(() -> dataset.reader().read(39, 40).next())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("shard-00003.tar has become shorter");
    Files.delete(data.resolve("shard-00003.tar"));
    assertThatThrownBy(() -> dataset.reader().read(39, 40).next())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("shard-00003.tar is not");
  }

  @Test
  void theSecondEpochComesFromTheCache() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(COUNT);
    Path data = directory.resolve("tars");
    TestImages.tars(data, images);
    Path cache = directory.resolve("cache");
    ReadSettings settings = new ReadSettings(8, cache.toString(), 1L << 30, DecodeLimits.DEFAULT);
    Dataset dataset =
        ImageSources.open(
            LocalSpark.context(),
            DatasetSpec.train(data.toString(), "tar"),
            TestDatasets.newIndex(),
            settings);
    ReadCounters counters = new ReadCounters(LocalSpark.context());
    long[] ids = new long[COUNT];
    Arrays.setAll(ids, i -> (i * 7L) % COUNT);
    for (int epoch = 0; epoch < 3; epoch++) {
      if (epoch == 2) {
        // Half of it gets lost.
        for (int id = 0; id < COUNT / 2; id++) {
          try (Stream<Path> files = Files.walk(cache)) {
            String name = Integer.toString(id);
            Path file =
                files
                    .filter(f -> Files.isRegularFile(f) && f.endsWith(name))
                    .findFirst()
                    .orElseThrow();
            Files.delete(file);
          }
        }
      }
      List<ImageRecord> read = new ArrayList<>();
      LocalSpark.context()
          .parallelize(List.of(0), 1)
          .flatMap(task -> dataset.reader().read(ids, counters))
          .collect()
          .forEach(read::add);
      List<byte[]> stored = List.copyOf(images.values());
      assertThat(read).hasSize(COUNT);
      assertThat(read).allSatisfy(i -> assertThat(i.bytes()).isEqualTo(stored.get((int) i.id())));
      Map<String, Long> counted = counters.sinceLastTime();
      assertThat(counted.get("images")).isEqualTo(COUNT);
      assertThat(counted.get("cached")).isEqualTo(new long[] {0, COUNT, COUNT / 2}[epoch]);
      assertThat(counted.get("requests") > 0).isEqualTo(epoch != 1);
    }
  }

  private static Dataset open(Path data, String format, Path index) {
    return TestDatasets.open(data.toString(), format, new org.apache.hadoop.fs.Path(index.toUri()));
  }

  private static List<Path> builds(Path index) throws IOException {
    try (Stream<Path> files = Files.walk(index)) {
      return files.filter(f -> f.getFileName().toString().startsWith("build-")).toList();
    }
  }
}
