package org.simclrspark.driver.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LiveTrainingTest {

  private final AtomicLong now = new AtomicLong(-5);
  private final LiveTraining training = new LiveTraining(now::get);

  @Test
  void silenceAndTheAgeOfTheCheckpointGrowWhileSomethingTrains() {
    assertThat(training.silence()).isZero();
    training.started();
    seconds(3);
    training.step(Map.of("loss", 4.5));
    seconds(2);
    assertThat(training.silence()).isEqualTo(2);
    assertThat(training.checkpointAge()).isEqualTo(5);
    training.checkpointed(0.5);
    seconds(1);
    assertThat(training.silence()).isEqualTo(3);
    assertThat(training.checkpointAge()).isEqualTo(1);
    assertThat(training.checkpointSeconds()).isEqualTo(0.5);
    training.ended();
    assertThat(training.silence()).isZero();
    assertThat(training.checkpointAge()).isZero();
  }

  @Test
  void anAccuracyStaysUntilTheNextEvaluationAndLossesAddUp() {
    training.started();
    training.step(Map.of("images_skipped", 2, "executors_lost", 1, "collapsed", true));
    training.evaluated(Map.of("knn_accuracy", 0.4));
    training.step(
        Map.of("images_skipped", 3, "executors_lost", 0, "seconds", Map.of("embed", 1.5)));
    assertThat(training.value("knn_accuracy")).isEqualTo(0.4);
    assertThat(training.imagesSkipped()).isEqualTo(5);
    assertThat(training.executorsLost()).isEqualTo(1);
    assertThat(training.value("seconds", "embed")).isEqualTo(1.5);
    assertThat(training.value("seconds", "loss")).isNaN();
    assertThat(training.value("loss")).isNaN();
  }

  @Test
  void gaugesTellOfTheExecutorsThatReport() {
    ExecutorReports reports = new ExecutorReports(now::get);
    MetricRegistry registry = new MetricRegistry();
    DriverGauges.register(registry, training, reports);
    reports.add(new ExecutorReport("1", 1, 20, 30, 0, 1, 4));
    seconds(50);
    reports.add(new ExecutorReport("2", 1, 10, 40, 7, 1, 5));
    assertThat(gauge(registry, "executors")).isEqualTo(2);
    assertThat(gauge(registry, "executors_native_bytes")).isEqualTo(20);
    assertThat(gauge(registry, "executors_resident_bytes")).isEqualTo(40);
    assertThat(gauge(registry, "executors_gpu_bytes")).isEqualTo(7);
    assertThat(gauge(registry, "executors_engines_reused")).isEqualTo(9);
    seconds(20);
    assertThat(gauge(registry, "executors")).isEqualTo(1);
  }

  @Test
  void memoryOfSeveralGpusAddsUp() {
    assertThat(GpuMemory.sum(" 12\n3 \n\n")).isEqualTo(15L << 20);
    assertThat(GpuMemory.sum("")).isZero();
  }

  private static double gauge(MetricRegistry registry, String name) {
    return (Double) registry.getGauges().get(name).getValue();
  }

  private void seconds(int count) {
    now.addAndGet(count * 1_000_000_000L);
  }
}
