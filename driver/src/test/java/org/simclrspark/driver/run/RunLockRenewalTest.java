package org.simclrspark.driver.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.storage.RetryPolicy;
import org.simclrspark.driver.storage.Storage;

/** An owner whose file system fails, hangs or shows old listings while it holds the lock. */
@Timeout(60)
class RunLockRenewalTest {

  private static final Duration LEASE = Duration.ofMillis(800);

  @TempDir private java.nio.file.Path temporary;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private final DisturbedFileSystem files = new DisturbedFileSystem();
  private Storage storage;
  private Path directory;

  /** What reading a claim does instead. */
  private interface Disturbance {
    void strike() throws IOException;
  }

  private static final class DisturbedFileSystem extends FilterFileSystem {

    private volatile Disturbance disturbance = () -> {};

    DisturbedFileSystem() {
      super(new RawLocalFileSystem());
    }

    @Override
    public FSDataInputStream open(Path file, int bufferSize) throws IOException {
      disturbance.strike();
      return super.open(file, bufferSize);
    }
  }

  @BeforeEach
  void open() throws IOException {
    files.initialize(URI.create("file:///"), new Configuration());
    storage = new Storage(files, RetryPolicy.NEVER, lines::add);
    directory = new Path(temporary.toUri().toString(), "lock");
  }

  private RunLock acquire() {
    return RunLock.acquire(
        RunLock.Kind.RUN, storage, directory, LockOwner.current(), LEASE, lines::add);
  }

  private String said() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  private void awaitLine(String part) throws InterruptedException {
    while (!said().contains(part)) {
      Thread.sleep(10);
    }
  }

  @Test
  void renewalsGoOnAfterAnythingThatIsThrown() throws Exception {
    try (RunLock lock = acquire()) {
      files.disturbance =
          () -> {
            throw new OutOfMemoryError("Java heap space");
          };
      awaitLine("will be tried again: java.lang.OutOfMemoryError: Java heap space");
      files.disturbance =
          () -> {
            throw new IllegalStateException("Filesystem closed");
          };
      awaitLine("will be tried again: java.lang.IllegalStateException: Filesystem closed");
      files.disturbance = () -> {};
      Thread.sleep(LEASE.toMillis());
      lines.clear();
      lock.awaitRenewed();
      assertThat(lines).isEmpty();
    }
  }

  @Test
  void standsStillWhileTheFileSystemHangs() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    try (RunLock lock = acquire()) {
      files.disturbance =
          () -> {
            try {
              hanging.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          };
      Thread.sleep(LEASE.toMillis());
      Thread waiting = new Thread(lock::awaitRenewed);
      waiting.start();
      awaitLine("training waits until it is");
      assertThat(waiting.isAlive()).isTrue();
      files.disturbance = () -> {};
      hanging.countDown();
      waiting.join();
      assertThat(said()).contains("The lock is renewed; training goes on");
    }
  }

  @Test
  void stopsWhenItCannotBeSureForLong() throws Exception {
    try (RunLock lock = acquire()) {
      files.disturbance =
          () -> {
            throw new IOException("Stale file handle");
          };
      Thread.sleep(LEASE.toMillis());
      assertThatThrownBy(lock::awaitRenewed)
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("could not be renewed for 3 s, so another driver may have");
      assertThat(said()).contains("Stale file handle");
      files.disturbance = () -> {};
    }
  }

  @Test
  void ofTwoThatDidNotSeeEachOtherOneStops() {
    try (RunLock lock = acquire()) {
      LockOwner smaller = new LockOwner("elsewhere", 17, 0, "0".repeat(32), "0".repeat(32));
      LockOwner larger = new LockOwner("elsewhere", 18, 0, "0".repeat(32), "f".repeat(32));
      String claim = "{\"held\":true,\"generation\":1,\"renewals\":3,\"renewed\":\"\"}";
      storage.write(
          new Path(directory, larger.fileName()), out -> out.write(claim.getBytes(UTF_8)));
      lock.ensureHeld();
      storage.write(
          new Path(directory, smaller.fileName()), out -> out.write(claim.getBytes(UTF_8)));
      assertThatThrownBy(lock::ensureHeld)
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("process 17 on elsewhere");
      assertThatThrownBy(lock::awaitRenewed).isInstanceOf(RunInUseException.class);
    }
  }
}
