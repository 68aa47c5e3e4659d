package org.simclrspark.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.driver.storage.StorageException;
import org.tensorflow.util.Event;

/** Event files, read back as TensorBoard reads them, with TensorFlow's own messages. */
class EventFilesTest {

  /** Deeplearning4j brings some of TensorFlow's messages for a protobuf of its own. */
  private static final URLClassLoader TENSORFLOW =
      new URLClassLoader(
          new URL[] {jar(Event.class), jar(com.google.protobuf.Message.class)},
          ClassLoader.getPlatformClassLoader());

  @TempDir Path parent;
  private Path directory;
  private final Configuration configuration = new Configuration();

  private static URL jar(Class<?> of) {
    return of.getProtectionDomain().getCodeSource().getLocation();
  }

  @BeforeEach
  void registerStore() throws IOException {
    directory = Files.createDirectory(parent.resolve("run"));
    configuration.setClass(
        "fs.store.impl", NoAppendFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
  }

  private EventFiles open(String scheme) {
    return new EventFiles(new org.apache.hadoop.fs.Path(scheme + "://" + directory), configuration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void holdEveryNumberOfAStepUnderItsName(String scheme) throws IOException {
    try (EventFiles events = open(scheme)) {
      events.add(
          1764.25,
          300,
          new TreeMap<>(
              Map.of(
                  "step",
                  300,
                  "loss",
                  2.5,
                  "seconds",
                  Map.of("embed", 0.125),
                  "note",
                  "none",
                  "collapsed",
                  true,
                  "learning_rate",
                  Double.NaN)));
    }
    List<String> read = read();
    assertThat(read.get(0)).contains("file_version: \"brain.Event:2\"");
    assertThat(read.get(read.size() - 1))
        .isEqualToNormalizingWhitespace(
            """
            wall_time: 1764.25
            step: 300
            summary {
              value { tag: "collapsed" simple_value: 1.0 }
              value { tag: "loss" simple_value: 2.5 }
              value { tag: "seconds/embed" simple_value: 0.125 }
            }
            """);
  }

  /** These twelve bytes begin every file that TensorFlow writes. */
  @Test
  void beginAsThoseOfTensorFlow() throws IOException {
    try (EventFiles events = open("file")) {
      events.add(1, 1, Map.of("loss", 1));
    }
    assertThat(Arrays.copyOf(Files.readAllBytes(files().get(0)), 12))
        .containsExactly(0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "store"})
  void afterAResumeTheStepsThatComeAgainReplaceThoseBefore(String scheme) throws IOException {
    try (EventFiles events = open(scheme)) {
      for (int step = 1; step <= 8; step++) {
        events.add(step, step, Map.of("loss", 100 + step));
      }
    }
    // Started within the same second, as after a crash of the first.
    try (EventFiles events = open(scheme)) {
      for (int step = 6; step <= 7; step++) {
        events.add(step, step, Map.of("loss", 200 + step));
      }
    }
    assertThat(files()).hasSizeGreaterThanOrEqualTo(2);
    TreeMap<Long, String> shown = new TreeMap<>();
    for (String event : read()) {
      if (event.contains("status: START")) {
        shown.tailMap(step(event), true).clear();
      } else if (event.contains("summary")) {
        shown.put(step(event), event.replaceAll("(?s).*simple_value: |\\.0.*", ""));
      }
    }
    assertThat(shown.values()).containsExactly("101", "102", "103", "104", "105", "206", "207");
  }

  @Test
  void anObjectStoreGetsAFurtherFileWhenACheckpointIsSaved() throws IOException {
    try (EventFiles events = open("store")) {
      events.add(1, 1, Map.of("loss", 1));
      events.flush();
      events.add(2, 2, Map.of("loss", 2));
      events.flush();
      events.flush();
      assertThat(files()).hasSize(2);
    }
    assertThat(read()).filteredOn(event -> event.contains("status: START")).hasSize(1);
    assertThat(steps()).containsExactly(1L, 2L);
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenLater() throws IOException {
    EventFiles events = open("file");
    events.add(1, 1, Map.of("loss", 1));
    Path away = Files.move(directory, parent.resolve("away"));
    Files.writeString(directory, "not a directory");
    assertThatThrownBy(events::flush).isInstanceOf(StorageException.class);
    Files.delete(directory);
    Files.move(away, directory);
    events.add(2, 2, Map.of("loss", 2));
    events.close();
    assertThat(steps()).containsExactly(1L, 2L);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().contains("tfevents")).sorted().toList();
    }
  }

  private List<Long> steps() throws IOException {
    return read().stream()
        .filter(event -> event.contains("summary"))
        .map(EventFilesTest::step)
        .toList();
  }

  private static long step(String event) {
    return Long.parseLong(event.replaceAll("(?s).*\\bstep: (\\d+).*", "$1"));
  }

  /** A message as text, by the parser that its own library brings. */
  private static String parsed(byte[] data) {
    try {
      return TENSORFLOW
          .loadClass(Event.class.getName())
          .getMethod("parseFrom", byte[].class)
          .invoke(null, data)
          .toString();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** All events in the order in which TensorBoard reads them, their sums checked. */
  private List<String> read() throws IOException {
    List<String> events = new ArrayList<>();
    for (Path file : files()) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining()) {
        byte[] length = new byte[8];
        bytes.get(length);
        assertThat(bytes.getInt()).isEqualTo(masked(length));
        byte[] data =
            new byte
                [Math.toIntExact(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong())];
        bytes.get(data);
        assertThat(bytes.getInt()).isEqualTo(masked(data));
        events.add(parsed(data));
      }
    }
    return events;
  }

  private static int masked(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, bytes.length);
    long value = sum.getValue();
    return (int) (((value >> 15) | (value << 17)) + 0xa282ead8L);
  }
}
