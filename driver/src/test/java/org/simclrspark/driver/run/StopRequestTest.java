package org.simclrspark.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import sun.misc.Signal;
import sun.misc.SignalHandler;

class StopRequestTest {

  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  private static void awaitRequest(StopRequest stop) throws InterruptedException {
    for (int i = 0; i < 500 && !stop.isRequested(); i++) {
      Thread.sleep(10);
    }
    assertThat(stop.isRequested()).isTrue();
  }

  @Test
  void isNotRequestedWithoutASignal() {
    try (StopRequest stop = StopRequest.onSignals(Duration.ofHours(1), () -> {}, lines::add)) {
      assertThat(stop.isRequested()).isFalse();
    }
    assertThat(lines).isEmpty();
  }

  @Test
  void terminationHasTheStatusThatShellsReport() throws Exception {
    assertThat(statusAfter("TERM")).isEqualTo(143);
    assertThat(lines.get(0)).startsWith("SIGTERM received");
  }

  @Test
  void interruptionHasTheStatusThatShellsReport() throws Exception {
    // Shells start background jobs, such as some builds, with SIGINT ignored.
    assumeThat(ignoredSignals() >> 1 & 1).isZero();
    assertThat(statusAfter("INT")).isEqualTo(130);
    assertThat(lines.get(0)).startsWith("SIGINT received");
  }

  @Test
  void aLostTerminalHasTheStatusThatShellsReport() throws Exception {
    assumeThat(ignoredSignals() & 1).isZero();
    assertThat(statusAfter("HUP")).isEqualTo(129);
    assertThat(lines.get(0)).startsWith("SIGHUP received: the run ends with a checkpoint");
  }

  private int statusAfter(String signal) throws InterruptedException {
    try (StopRequest stop = StopRequest.onSignals(Duration.ofHours(1), () -> {}, lines::add)) {
      Signal.raise(new Signal(signal));
      awaitRequest(stop);
      return stop.exitStatus();
    }
  }

  /** Bit n - 1 stands for signal n. */
  private static long ignoredSignals() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .findFirst()
        .orElse(0);
  }

  @Test
  void cancelsAStepThatTakesTooLongUntilItEnds() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(2);
    try (StopRequest stop =
        StopRequest.onSignals(Duration.ofMillis(50), cancelled::countDown, lines::add)) {
      Signal.raise(new Signal("TERM"));
      assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(stop.isRequested()).isTrue();
    }
  }

  @Test
  void cancelsNothingOnceTheLoopKnows() throws Exception {
    AtomicInteger cancels = new AtomicInteger();
    try (StopRequest stop =
        StopRequest.onSignals(Duration.ofMillis(600), cancels::incrementAndGet, lines::add)) {
      Signal.raise(new Signal("TERM"));
      awaitRequest(stop);
      Thread.sleep(900);
    }
    assertThat(cancels).hasValue(0);
  }

  @Test
  void aFailureAfterASignalIsTheCancelledStep() throws Exception {
    try (StopRequest stop = StopRequest.onSignals(Duration.ofHours(1), () -> {}, lines::add)) {
      assertThat(stop.unlessCancelled(() -> 7)).contains(7);
      assertThatThrownBy(() -> stop.unlessCancelled(StopRequestTest::failAsSparkDoes))
          .isInstanceOf(SparkException.class);
      Signal.raise(new Signal("TERM"));
      awaitRequest(stop);
      assertThat(stop.unlessCancelled(StopRequestTest::failAsSparkDoes)).isEmpty();
      assertThat(stop.unlessCancelled(() -> 7)).contains(7);
    }
  }

  @Test
  void anEvaluationIsGivenUpAtOnce() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    try (StopRequest stop =
        StopRequest.onSignals(Duration.ofHours(1), cancelled::countDown, lines::add)) {
      assertThat(stop.unlessStopped(() -> 7)).contains(7);
      assertThat(
              stop.unlessStopped(
                  () -> {
                    Signal.raise(new Signal("TERM"));
                    await(cancelled);
                    return failAsSparkDoes();
                  }))
          .isEmpty();
      assertThat(stop.exitStatus()).isEqualTo(143);
      assertThat(stop.unlessStopped(() -> 7)).isEmpty();
    }
    assertThat(lines).containsExactly("SIGTERM received: what runs is given up");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A checked exception that nothing declares. */
  private static Integer failAsSparkDoes() {
    throw sneaky(new SparkException("Job 20 cancelled as part of cancellation of all jobs"));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
    throw (E) failure;
  }

  @Test
  void runsThatShareAProcessAreCancelledEachForItself() throws Exception {
    AtomicInteger all = new AtomicInteger();
    CountDownLatch first = new CountDownLatch(1);
    AtomicInteger second = new AtomicInteger();
    try (StopRequest stop =
            StopRequest.onSignals(Duration.ofMillis(50), all::incrementAndGet, lines::add);
        StopRequest stuck = stop.forRun(first::countDown, lines::add);
        StopRequest between = stop.forRun(second::incrementAndGet, lines::add)) {
      Signal.raise(new Signal("TERM"));
      awaitRequest(between);
      await(first);
      assertThat(stuck.isRequested()).isTrue();
      assertThat(stop.isRequested()).isTrue();
      assertThat(stop.exitStatus()).isEqualTo(143).isEqualTo(between.exitStatus());
      try (StopRequest later = stop.forRun(() -> {}, lines::add)) {
        assertThat(later.isRequested()).isTrue();
        assertThat(later.unlessStopped(() -> 7)).isEmpty();
      }
    }
    assertThat(all).hasValue(0);
    assertThat(second).hasValue(0);
  }

  @Test
  void givesTheSignalsBack() throws Exception {
    CountDownLatch before = new CountDownLatch(1);
    Signal term = new Signal("TERM");
    SignalHandler original = Signal.handle(term, signal -> before.countDown());
    try {
      StopRequest.onSignals(Duration.ofHours(1), () -> {}, lines::add).close();
      Signal.raise(term);
      assertThat(before.await(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      Signal.handle(term, original);
    }
  }
}
