package org.simclrspark.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What real file systems answer when they are busy, full or closed. */
@ExtendWith(FileSystems.Parameter.class)
class StorageErrorsTest {

  private static final Storage.Content CONTENT = out -> out.write(new byte[100_000]);
  private static final RetryPolicy PATIENT =
      new RetryPolicy(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(30));
  private static final RetryPolicy HASTY =
      new RetryPolicy(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMillis(300));

  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  @Test
  void waitsForABusyS3(FileSystems systems) throws Exception {
    try (BusyProxy proxy = new BusyProxy(systems.s3().port())) {
      Path file = new Path(systems.s3().newDirectory(), "file");
      FileSystem s3 = FileSystem.newInstance(file.toUri(), impatientS3(proxy.port()));
      proxy.setBusy(true);
      CompletableFuture<Void> over =
          CompletableFuture.runAsync(
              () -> proxy.setBusy(false),
              CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
      Storage storage = new Storage(s3, PATIENT, lines::add);
      storage.write(file, CONTENT);
      over.join();
      assertThat(storage.readIfPresent(file).orElseThrow()).hasSize(100_000);
      assertThat(proxy.refusals()).isPositive();
      assertThat(lines).isNotEmpty().allMatch(line -> line.contains("trying again"));
      assertThat(lines.get(0)).contains("Could not write " + file, "503");
    }
  }

  @Test
  void givesUpOnAnS3ThatStaysBusy(FileSystems systems) throws Exception {
    try (BusyProxy proxy = new BusyProxy(systems.s3().port())) {
      Path file = new Path(systems.s3().newDirectory(), "file");
      FileSystem s3 = FileSystem.newInstance(file.toUri(), impatientS3(proxy.port()));
      proxy.setBusy(true);
      assertThatThrownBy(() -> new Storage(s3, HASTY, lines::add).write(file, CONTENT))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("Could not write " + file + " after ")
          .hasMessageContaining("503");
    }
  }

  /** Without the client's own retries, which take minutes. */
  private static Configuration impatientS3(int port) {
    Configuration configuration = S3Server.configuration(port);
    configuration.setInt("fs.s3a.attempts.maximum", 0);
    configuration.setInt("fs.s3a.retry.limit", 0);
    configuration.setInt("fs.s3a.retry.throttle.limit", 0);
    return configuration;
  }

  @Test
  void waitsForAnHdfsToLeaveSafeMode(FileSystems systems) throws Exception {
    HdfsServer server = systems.hdfs();
    DistributedFileSystem hdfs = server.cluster().getFileSystem();
    Path file = new Path(server.newDirectory(), "file");
    hdfs.setSafeMode(HdfsConstants.SafeModeAction.SAFEMODE_ENTER);
    try {
      assertThatThrownBy(() -> new Storage(hdfs, HASTY, lines::add).write(file, CONTENT))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("safe mode");
      CompletableFuture.runAsync(
          () -> leaveSafeMode(hdfs), CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
      lines.clear();
      new Storage(hdfs, PATIENT, lines::add).write(file, CONTENT);
      assertThat(lines).isNotEmpty();
      assertThat(lines.get(0)).contains("safe mode", "trying again");
      assertThat(hdfs.getFileStatus(file).getLen()).isEqualTo(100_000);
    } finally {
      leaveSafeMode(hdfs);
    }
  }

  private static void leaveSafeMode(DistributedFileSystem hdfs) {
    try {
      hdfs.setSafeMode(HdfsConstants.SafeModeAction.SAFEMODE_LEAVE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void stopsAtOnceWhenAnHdfsQuotaIsFull(FileSystems systems) throws Exception {
    HdfsServer server = systems.hdfs();
    DistributedFileSystem hdfs = server.cluster().getFileSystem();
    Path directory = server.newDirectory();
    hdfs.mkdirs(directory);
    hdfs.setQuota(directory, HdfsConstants.QUOTA_DONT_SET, 1000);
    Path file = new Path(directory, "file");
    Storage storage = new Storage(hdfs, PATIENT, lines::add);
    assertThatThrownBy(() -> storage.write(file, CONTENT))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("quota is full")
        .hasMessageContaining("Free space");
    assertThat(storage.list(directory)).isEmpty();
    assertThat(lines).isEmpty();
  }

  @Test
  void stopsAtOnceWhenALocalDiskIsFull(@TempDir java.nio.file.Path mountPoint) throws Exception {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "none", mountPoint.toString()) == 0,
        "A small disk can be mounted");
    try {
      Path file = new Path(new Path(mountPoint.toUri()), "file");
      Storage storage = Storage.of(file, new Configuration(), lines::add);
      assertThatThrownBy(() -> storage.write(file, CONTENT))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("Free space");
      assertThat(mountPoint).isEmptyDirectory();
      assertThat(lines).isEmpty();
    } finally {
      run("umount", mountPoint.toString());
    }
  }

  private static int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException noSuchCommand) {
      return 127;
    }
  }

  @Test
  void stopsAtOnceWhereAFileStandsInTheWay(@TempDir java.nio.file.Path root) throws IOException {
    Files.writeString(root.resolve("run"), "a file");
    Path file = new Path(new Path(root.toUri()), "run/file");
    assertThatThrownBy(() -> Storage.of(file, new Configuration(), lines::add).write(file, CONTENT))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Could not write " + file);
    assertThat(lines).isEmpty();
  }

  @Test
  void namesAFileSystemThatIsNotThere() {
    assertThatThrownBy(
            () -> Storage.of(new Path("nosuch://host/run"), new Configuration(), lines::add))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("nosuch://host/run")
        .hasMessageContaining("class path");
  }
}
