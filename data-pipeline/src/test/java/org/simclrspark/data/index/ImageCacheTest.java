package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCacheTest {
  private static final long PLENTY = 1L << 40;

  @TempDir Path directory;

  @AfterEach
  void letItTidyUp() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("simclr-cache")) {
        thread.join();
      }
    }
  }

  @Test
  void keepsImagesByDatasetAndId() {
    ImageCache cache = cache(PLENTY);
    cache.put(7, image(7, 100));
    cache.put(1024 + 7, image(8, 50));
    assertThat(cache.has(7)).isTrue();
    assertThat(cache.has(9)).isFalse();
    assertThat(cache.get(7, 100)).isEqualTo(image(7, 100));
    assertThat(cache.get(1024 + 7, 50)).isEqualTo(image(8, 50));
    assertThat(cache.get(9, 50)).isNull();
    assertThat(new ImageCache(directory.toString(), "another", PLENTY).has(7)).isFalse();
    assertThat(cache(PLENTY).get(7, 100)).as("another process").isEqualTo(image(7, 100));
  }

  @Test
  void whatIsDamagedIsAbsent() throws IOException {
    ImageCache cache = cache(PLENTY);
    for (int damage = 0; damage < 4; damage++) {
      cache.put(damage, image(damage, 100));
      Path file = file(damage);
      byte[] bytes = Files.readAllBytes(file);
      switch (damage) {
        case 0 -> bytes[60] ^= 1;
        case 1 -> bytes = Arrays.copyOf(bytes, 80);
        case 2 -> bytes = new byte[0];
        default -> bytes[9] ^= 4;
      }
      Files.write(file, bytes);
      assertThat(cache.get(damage, 100)).as("damage " + damage).isNull();
      assertThat(cache.has(damage)).isFalse();
    }
    cache.put(5, image(5, 100));
    assertThat(cache.get(5, 99)).as("an image of another length").isNull();
  }

  @Test
  void whatWasNotUsedForLongestGoesFirst() throws Exception {
    ImageCache cache = cache(PLENTY);
    for (int id = 0; id < 100; id++) {
      cache.put(id, image(id, 988));
      long minutesAgo = id < 50 ? 10 : 20;
      Files.setLastModifiedTime(
          file(id), FileTime.fromMillis(System.currentTimeMillis() - minutesAgo * 60_000));
    }
    assertThat(cache.get(60, 988)).as("used just now").isNotNull();
    // 100,000 bytes are there, 60,000 may be.
    cache(60_000).put(1000, image(1, 988));
    for (int tries = 0; kept().size() > 60 && tries < 500; tries++) {
      Thread.sleep(10);
    }
    List<Long> kept = kept();
    assertThat(kept).hasSize(51).contains(60L, 1000L);
    assertThat(kept.stream().filter(id -> id >= 50 && id < 100)).containsExactly(60L);
  }

  @Test
  void aDiskThatTakesNothingDoesNoHarm() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    ImageCache cache = new ImageCache(file.resolve("in-a-file").toString(), "data", PLENTY);
    cache.put(1, image(1, 100));
    assertThat(cache.has(1)).isFalse();
    assertThat(cache.get(1, 100)).isNull();
  }

  /** Other people's files may lie in the directory, of any name and age. */
  @Test
  void whatIsNotItsOwnIsNeverDeleted() throws Exception {
    List<Path> foreign = new ArrayList<>();
    for (String name :
        List.of("7", "data/7/7", "0123456789abcdef0123456789abcdef/3/3", "x.partial")) {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, new byte[100_000]);
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));
      foreign.add(file);
    }
    cache(1000).put(1, image(1, 988));
    letItTidyUp();
    assertThat(foreign).allSatisfy(file -> assertThat(file).hasSize(100_000));
  }

  /** Spark's shuffle may lie on the same disk, and would fail where the cache had filled it. */
  @Test
  void aDiskThatOthersFillIsGivenBack() throws Exception {
    cache(PLENTY).put(1, image(1, 988));
    assertThat(cache(PLENTY).has(1)).isTrue();
    letItTidyUp();
    ImageCache full = new ImageCache(directory.toString(), "data", PLENTY, 1);
    full.put(2, image(2, 988));
    letItTidyUp();
    assertThat(full.has(2)).isFalse();
    assertThat(full.has(1)).isFalse();
  }

  /** Somebody else's file, which may be read but not be marked as used. */
  @Test
  void whatMayOnlyBeReadIsRead() throws Exception {
    Path file = file(1);
    cache(PLENTY).put(1, image(1, 100));
    letItTidyUp();
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    assumeThat(new ProcessBuilder("chattr", "+i", file.toString()).start().waitFor()).isZero();
    try {
      assertThat(cache(PLENTY).get(1, 100)).isEqualTo(image(1, 100));
    } finally {
      new ProcessBuilder("chattr", "-i", file.toString()).start().waitFor();
    }
  }

  @Test
  void leavesNoPartialFiles() throws IOException {
    ImageCache cache = cache(PLENTY);
    cache.put(1, image(1, 100));
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()))
          .isSubsetOf("1", "cache.lock");
    }
  }

  private ImageCache cache(long size) {
    return new ImageCache(directory.toString(), "data", size);
  }

  private Path file(long id) {
    String own = "simclr-cache-" + System.getProperty("user.name");
    return directory.resolve(own + "/data/" + id % 1024 + "/" + id);
  }

  private List<Long> kept() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .map(Long::valueOf)
          .sorted()
          .toList();
    }
  }

  private static byte[] image(int value, int length) {
    byte[] image = new byte[length];
    Arrays.fill(image, (byte) value);
    return image;
  }
}
