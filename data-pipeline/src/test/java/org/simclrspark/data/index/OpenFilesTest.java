package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.files.DataFiles;

class OpenFilesTest {
  private static final int BYTES = 1000;

  @TempDir Path directory;
  private final OpenFiles files = new OpenFiles(3);
  private final AtomicInteger openings = new AtomicInteger();

  @BeforeEach
  void writeFiles() throws IOException {
    for (int file = 0; file < 6; file++) {
      byte[] bytes = new byte[BYTES];
      for (int i = 0; i < BYTES; i++) {
        bytes[i] = (byte) (file * 31 + i);
      }
      Files.write(directory.resolve("f" + file), bytes);
    }
  }

  private byte[] read(int file, int offset, int length, boolean isShared) throws IOException {
    String name = directory.resolve("f" + file).toUri().toString();
    byte[] bytes = new byte[length];
    files.read(
        name,
        offset,
        bytes,
        isShared,
        () -> {
          openings.incrementAndGet();
          return DataFiles.of(name, new Configuration()).open(name);
        });
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void manyThreadsReadTheirRangesOfFilesThatStayOpen(boolean isShared) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<byte[]>> ranges = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        int range = i;
        ranges.add(threads.submit(() -> read(range % 2, range, 50, isShared)));
      }
      for (int i = 0; i < ranges.size(); i++) {
        byte[] bytes = ranges.get(i).get();
        assertThat(bytes[0]).isEqualTo((byte) (i % 2 * 31 + i));
        assertThat(bytes[49]).isEqualTo((byte) (i % 2 * 31 + i + 49));
      }
    } finally {
      threads.shutdown();
    }
    // A shared file is opened once; others as often as threads read them at a time.
    assertThat(openings.get()).isBetween(2, isShared ? 2 : 400);
    assertThat(files.count()).isLessThanOrEqualTo(3);
  }

  @Test
  void aFileThatWasReadIsNotOpenedAgain() throws IOException {
    read(0, 0, 10, false);
    read(0, 500, 10, false);
    assertThat(openings).hasValue(1);
  }

  @Test
  void theOneThatWasNotUsedForLongestIsClosedBeyondTheNumber() throws IOException {
    for (int file : new int[] {0, 1, 2, 0, 3}) {
      read(file, 0, 10, true);
    }
    assertThat(files.count()).isEqualTo(3);
    assertThat(openings).hasValue(4);
    read(0, 0, 10, true);
    assertThat(openings).hasValue(4);
    read(1, 0, 10, true);
    assertThat(openings).hasValue(5);
  }

  @Test
  void whatHasFailedIsNotUsedAgain() throws IOException {
    read(0, 0, 10, true);
    assertThatThrownBy(() -> read(0, BYTES - 5, 10, true)).isInstanceOf(EOFException.class);
    assertThat(files.count()).isZero();
    assertThat(read(0, 1, 1, true)).containsExactly((byte) 1);
    assertThat(openings).hasValue(2);
  }

  @Test
  void idleFilesAreClosed() throws IOException {
    read(0, 0, 10, true);
    read(1, 0, 10, false);
    files.closeIdle();
    assertThat(files.count()).isZero();
    assertThat(read(1, 2, 1, false)).containsExactly((byte) 33);
  }
}
