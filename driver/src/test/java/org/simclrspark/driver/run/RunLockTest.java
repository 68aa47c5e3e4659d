package org.simclrspark.driver.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.Server;
import org.simclrspark.driver.storage.Storage;

@ExtendWith(FileSystems.Parameter.class)
class RunLockTest {

  private static final Duration LEASE = Duration.ofMillis(1200);
  private static final Duration LONG_LEASE = Duration.ofMinutes(5);

  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private Storage storage;
  private Path directory;

  private void open(Server server) {
    directory = new Path(server.newDirectory(), "lock");
    storage = Storage.of(directory, server.configuration(), lines::add);
  }

  private RunLock acquire(LockOwner owner, Duration lease) {
    return RunLock.acquire(RunLock.Kind.RUN, storage, directory, owner, lease, lines::add);
  }

  /** A process whose life this machine cannot see. */
  private static LockOwner elsewhere() {
    return new LockOwner("elsewhere", 17, 0, "0".repeat(32), LockOwner.newId());
  }

  private static LockOwner ownerOf(long pid) throws IOException {
    String[] fields =
        Files.readString(java.nio.file.Path.of("/proc/" + pid + "/stat")).split(" ", -1);
    LockOwner current = LockOwner.current();
    return new LockOwner(
        current.host(), pid, Long.parseLong(fields[21]), current.machine(), LockOwner.newId());
  }

  /** What is left of a lock when its owner dies. */
  private void leaveClaimOf(LockOwner owner) {
    RunLock lock = acquire(owner, LONG_LEASE);
    Path file = new Path(directory, owner.fileName());
    byte[] claim = storage.readIfPresent(file).orElseThrow();
    lock.close();
    storage.write(file, out -> out.write(claim));
  }

  @ParameterizedTest
  @EnumSource
  void refusesASecondDriverAtOnceAndFreesOnClose(FileSystems.Kind kind, FileSystems systems)
      throws Exception {
    open(systems.server(kind));
    try (RunLock lock = acquire(LockOwner.current(), LONG_LEASE)) {
      assertThatThrownBy(() -> acquire(LockOwner.current(), LONG_LEASE))
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid())
          .hasMessageContaining("choose another --run");
      lock.ensureHeld();
    }
    acquire(LockOwner.current(), LONG_LEASE).close();
    assertThat(storage.list(directory)).noneMatch(status -> status.isFile());
  }

  @ParameterizedTest
  @EnumSource
  void refusesASecondDriverOnAnotherMachineWhenTheFirstRenews(
      FileSystems.Kind kind, FileSystems systems) throws Exception {
    open(systems.server(kind));
    try (RunLock lock = acquire(elsewhere(), LEASE)) {
      assertThatThrownBy(() -> acquire(LockOwner.current(), LEASE))
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("process 17 on elsewhere");
      lock.ensureHeld();
    }
    assertThat(lines).anyMatch(line -> line.contains("waiting up to"));
  }

  @ParameterizedTest
  @EnumSource
  void takesOverFromAnotherMachineAfterALeaseWithoutASignOfLife(
      FileSystems.Kind kind, FileSystems systems) throws Exception {
    open(systems.server(kind));
    leaveClaimOf(elsewhere());
    long start = System.nanoTime();
    try (RunLock lock = acquire(LockOwner.current(), LEASE)) {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(LEASE);
      lock.ensureHeld();
    }
    assertThat(lines).anyMatch(line -> line.contains("Taking the run over"));
  }

  @Test
  void takesOverAtOnceFromADeadProcessOfThisMachine(FileSystems systems) throws Exception {
    open(systems.server(FileSystems.Kind.LOCAL));
    Process process = new ProcessBuilder("sleep", "60").start();
    LockOwner other = ownerOf(process.pid());
    leaveClaimOf(other);
    assertThatThrownBy(() -> acquire(LockOwner.current(), LONG_LEASE))
        .isInstanceOf(RunInUseException.class);
    process.destroyForcibly().waitFor();
    acquire(LockOwner.current(), LONG_LEASE).close();
    assertThat(lines).singleElement().asString().contains("Taking the run over", "" + other.pid());
  }

  @Test
  void takesOverAtOnceFromAProcessThatDiedWhileItWroteItsClaim(FileSystems systems)
      throws Exception {
    open(systems.server(FileSystems.Kind.LOCAL));
    Process process = new ProcessBuilder("sleep", "60").start();
    Path empty = new Path(directory, ownerOf(process.pid()).fileName());
    process.destroyForcibly().waitFor();
    storage.write(empty, out -> {});
    acquire(LockOwner.current(), LONG_LEASE).close();
    assertThat(storage.readIfPresent(empty)).isEmpty();
  }

  @Test
  void theOwnerIsToldByTheFilesName() {
    LockOwner owner = LockOwner.current();
    assertThat(LockOwner.ofFile(owner.fileName())).contains(owner);
    LockOwner dashed = new LockOwner("a-9-b.c", 17, 0, "0".repeat(32), LockOwner.newId());
    assertThat(LockOwner.ofFile(dashed.fileName())).contains(dashed);
    assertThat(LockOwner.ofFile("notes.json")).isEmpty();
  }

  @Test
  void aLaterProcessOfTheSameNumberIsNotTheOwner() {
    LockOwner current = LockOwner.current();
    assertThat(current.isSeenAlive()).isTrue();
    assertThat(current.isSeenDead()).isFalse();
    LockOwner earlier =
        new LockOwner(current.host(), current.pid(), 1, current.machine(), current.id());
    assertThat(earlier.isSeenDead()).isTrue();
    assertThat(elsewhere().isSeenDead()).isFalse();
    assertThat(elsewhere().isSeenAlive()).isFalse();
  }

  @Test
  void aZombieIsDead() throws Exception {
    // The shell's child ends, and the sleep that replaces the shell never asks for its status.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 0.2 & echo $!; exec sleep 60").start();
    try {
      long pid = Long.parseLong(parent.inputReader(UTF_8).readLine());
      LockOwner child = ownerOf(pid);
      assertThat(child.isSeenAlive()).isTrue();
      for (int i = 0; i < 200 && !child.isSeenDead(); i++) {
        Thread.sleep(20);
      }
      assertThat(ProcessHandle.of(pid)).isPresent();
      assertThat(child.isSeenDead()).isTrue();
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }

  @Test
  void aClaimThatWasCutOffRunsOut(FileSystems systems) throws Exception {
    open(systems.server(FileSystems.Kind.LOCAL));
    Path half = new Path(directory, elsewhere().fileName());
    storage.write(half, out -> out.write("{\"held\":tr".getBytes(UTF_8)));
    acquire(LockOwner.current(), LEASE).close();
    assertThat(storage.readIfPresent(half)).isEmpty();
  }

  @Test
  void anOwnerThatWasPausedFindsItsClaimTaken(FileSystems systems) throws Exception {
    open(systems.server(FileSystems.Kind.LOCAL));
    LockOwner paused = elsewhere();
    try (RunLock first = acquire(paused, LONG_LEASE);
        RunLock second = acquire(LockOwner.current(), LEASE)) {
      assertThatThrownBy(first::ensureHeld)
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("taken the run over");
      second.ensureHeld();
      // The first was about to renew when the second removed its claim.
      Claims.Claim stale = new Claims.Claim(true, 1, 9, "");
      storage.write(
          new Path(directory, paused.fileName()),
          out ->
              out.write(
                  new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsBytes(stale)));
      second.ensureHeld();
      assertThatThrownBy(first::ensureHeld).isInstanceOf(RunInUseException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofManyAtOnceExactlyOneWins(FileSystems.Kind kind, FileSystems systems) throws Exception {
    int rounds = kind == FileSystems.Kind.LOCAL ? 10 : 4;
    ExecutorService threads = Executors.newFixedThreadPool(6);
    for (int round = 0; round < rounds; round++) {
      open(systems.server(kind));
      List<Callable<RunLock>> drivers =
          Collections.nCopies(6, () -> acquire(LockOwner.current(), Duration.ofSeconds(30)));
      List<RunLock> winners = new ArrayList<>();
      for (Future<RunLock> driver : threads.invokeAll(drivers)) {
        try {
          winners.add(driver.get());
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(RunInUseException.class);
        }
      }
      assertThat(winners).as("round %d", round).hasSize(1);
      winners.get(0).ensureHeld();
      winners.get(0).close();
    }
    threads.shutdown();
  }
}
