package org.simclrspark.driver.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveTrainingTest {

  private final AtomicLong now = new AtomicLong(-5);
  private final LiveTrainings trainings = new LiveTrainings(now::get);
  private final ExecutorReports reports = new ExecutorReports(now::get);
  private final AtomicInteger lost = new AtomicInteger();

  /** Spark's, to which a plugin's registry is a child. */
  private final MetricRegistry sinks = new MetricRegistry();

  @BeforeEach
  void register() {
    MetricRegistry registry = new MetricRegistry();
    DriverGauges.register(registry, trainings, reports, lost::get);
    sinks.register("plugin", registry);
  }

  @Test
  void silenceAndTheAgeOfTheCheckpointGrowWhileSomethingTrains() {
    assertThat(gauge("silence_seconds")).isZero();
    assertThat(gauge("checkpoint_age_seconds")).isZero();
    LiveTraining training = trainings.started(Optional.empty());
    seconds(3);
    training.appended(Map.of("loss", 4.5));
    seconds(2);
    assertThat(gauge("silence_seconds")).isEqualTo(2);
    assertThat(gauge("checkpoint_age_seconds")).isEqualTo(5);
    training.checkpointed(0.5);
    seconds(1);
    assertThat(gauge("silence_seconds")).isEqualTo(3);
    assertThat(gauge("checkpoint_age_seconds")).isEqualTo(1);
    assertThat(gauge("checkpoint_seconds")).isEqualTo(0.5);
    assertThat(gauge("running")).isEqualTo(1);
    trainings.ended(training);
    assertThat(gauge("silence_seconds")).isZero();
    assertThat(gauge("checkpoint_age_seconds")).isZero();
    assertThat(gauge("running")).isZero();
    assertThat(gauge("loss")).isEqualTo(4.5);
  }

  @Test
  void anAccuracyStaysUntilTheNextEvaluationAndImagesSkippedAddUp() {
    LiveTraining training = trainings.started(Optional.empty());
    assertThat(gauge("knn_accuracy")).isNaN();
    training.appended(Map.of("images_skipped", 2, "collapsed", true));
    training.amended(1, Map.of("knn_accuracy", 0.4));
    assertThat(gauge("collapsed")).isEqualTo(1);
    training.appended(Map.of("images_skipped", 3, "seconds", Map.of("embed", 1.5)));
    assertThat(gauge("knn_accuracy")).isEqualTo(0.4);
    assertThat(gauge("images_skipped")).isEqualTo(5);
    assertThat(gauge("embed_seconds")).isEqualTo(1.5);
    assertThat(gauge("loss_seconds")).isNaN();
    assertThat(gauge("loss")).isNaN();
    trainings.ended(training);
    trainings.started(Optional.empty()).appended(Map.of("images_skipped", 1));
    assertThat(gauge("images_skipped")).isEqualTo(6);
  }

  @Test
  void runsThatShareADriverHaveGaugesOfTheirOwnAndTheDriverTellsOfTheWorst() {
    Set<String> ofDriver = Set.copyOf(sinks.getNames());
    LiveTraining first = trainings.started(Optional.of("batch-256_temperature-0.1_seed-1"));
    LiveTraining second = trainings.started(Optional.of("batch-512_temperature-0.1_seed-1"));
    first.appended(Map.of("loss", 5.0, "images_skipped", 2, "collapsed", true));
    first.checkpointed(0.5);
    seconds(7);
    second.appended(Map.of("loss", 6.0, "images_skipped", 3, "collapsed", false));
    seconds(1);

    String ofFirst = ".run.batch_256_temperature_0_1_seed_1";
    String ofSecond = ".run.batch_512_temperature_0_1_seed_1";
    assertThat(gauge("loss" + ofFirst)).isEqualTo(5);
    assertThat(gauge("loss" + ofSecond)).isEqualTo(6);
    assertThat(gauge("images_skipped" + ofFirst)).isEqualTo(2);
    assertThat(gauge("silence_seconds" + ofFirst)).isEqualTo(8);
    assertThat(gauge("silence_seconds" + ofSecond)).isEqualTo(1);
    assertThat(gauge("checkpoint_seconds" + ofFirst)).isEqualTo(0.5);
    assertThat(gauge("loss")).isNaN();
    assertThat(gauge("silence_seconds")).isEqualTo(8);
    assertThat(gauge("collapsed")).isEqualTo(1);
    assertThat(gauge("images_skipped")).isEqualTo(5);
    assertThat(gauge("running")).isEqualTo(2);

    trainings.ended(first);
    assertThat(sinks.getNames()).noneMatch(name -> name.endsWith(ofFirst));
    assertThat(gauge("loss")).isEqualTo(6);
    assertThat(gauge("collapsed")).isZero();
    trainings.ended(second);
    assertThat(sinks.getNames()).isEqualTo(ofDriver);
    assertThat(gauge("images_skipped")).isEqualTo(5);
  }

  /** Names that differ in signs alone: the second run trains without gauges of its own. */
  @Test
  void noNameStopsATraining() {
    LiveTraining first = trainings.started(Optional.of("rate-0.1"));
    LiveTraining second = trainings.started(Optional.of("rate-0-1"));
    second.appended(Map.of("loss", 3.0));
    first.appended(Map.of("loss", 2.0));
    assertThat(gauge("loss.run.rate_0_1")).isEqualTo(2);
    trainings.ended(second);
    assertThat(gauge("loss.run.rate_0_1")).isEqualTo(2);
  }

  @Test
  void gaugesTellOfTheExecutorsThatReport() {
    reports.add(new ExecutorReport("1", 1, 20, 30, 0, 1, 4));
    seconds(50);
    reports.add(new ExecutorReport("2", 1, 10, 40, 7, 1, 5));
    lost.set(3);
    assertThat(gauge("executors")).isEqualTo(2);
    assertThat(gauge("executors_lost")).isEqualTo(3);
    assertThat(gauge("executors_native_bytes")).isEqualTo(20);
    assertThat(gauge("executors_resident_bytes")).isEqualTo(40);
    assertThat(gauge("executors_gpu_bytes")).isEqualTo(7);
    assertThat(gauge("executors_engines_reused")).isEqualTo(9);
    seconds(20);
    assertThat(gauge("executors")).isEqualTo(1);
  }

  private double gauge(String name) {
    return (Double) sinks.getGauges().get("plugin." + name).getValue();
  }

  private void seconds(int count) {
    now.addAndGet(count * 1_000_000_000L);
  }
}
