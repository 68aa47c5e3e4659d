package org.simclrspark.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.States;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;

class RunDirectoryTest {

  private static final Configuration HADOOP = new Configuration();

  @TempDir private Path root;
  private final List<String> lines = new ArrayList<>();

  private org.apache.hadoop.fs.Path path() {
    return new org.apache.hadoop.fs.Path(root.resolve("run").toUri());
  }

  private RunDirectory open(SimclrConfig config) {
    return RunDirectory.open(path(), config, HADOOP, Environment.current(2), lines::add);
  }

  private static SimclrConfig config(String... settings) {
    List<String> all = new ArrayList<>(List.of("data.train=images", "train.micro-batch=1"));
    all.addAll(List.of(settings));
    return SimclrConfig.of(all.toArray(String[]::new));
  }

  private static TrainingState state(long step, SimclrConfig config) {
    TrainingState any = States.after(step);
    return new TrainingState(
        step,
        any.epoch(),
        any.parameters(),
        any.runningStatistics(),
        any.optimizer(),
        config.render());
  }

  @Test
  void aNewRunStartsFromTheBeginningAndWritesItsConfiguration() throws IOException {
    SimclrConfig config = config("train.batch=128");
    try (RunDirectory run = open(config)) {
      assertThat(run.resume(TestRunData.DATA)).isEmpty();
    }
    assertThat(root.resolve("run/config.conf")).hasContent(config.render());
    assertThat(lines).isEmpty();
    try (var files = Files.list(root.resolve("run"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.conf", "data.json", "lock");
    }
  }

  @Test
  void aRunWithoutCheckpointSaysSo() {
    try (RunDirectory run = open(config())) {
      run.resume(TestRunData.DATA);
    }
    try (RunDirectory run = open(config())) {
      assertThat(run.resume(TestRunData.DATA)).isEmpty();
    }
    assertThat(lines).singleElement().asString().contains("from the beginning");
  }

  @Test
  void anInterruptedRunGoesOnAndKeepsItsNewest() {
    SimclrConfig config = config("checkpoint.keep=1");
    try (RunDirectory run = open(config)) {
      run.resume(TestRunData.DATA);
      run.commit(state(3, config), Map.of());
      run.commit(state(7, config), Map.of());
    }
    try (RunDirectory run = open(config)) {
      States.assertSame(run.resume(TestRunData.DATA).orElseThrow(), state(7, config));
    }
    assertThat(root.resolve("run/checkpoints")).isDirectoryNotContaining("glob:**step-00000003");
    assertThat(lines).singleElement().asString().contains("after step 7");
  }

  @Test
  void anotherConfigurationIsRefusedKeyByKey() {
    SimclrConfig before = config("train.batch=128", "train.seed=1");
    try (RunDirectory run = open(before)) {
      run.commit(state(3, before), Map.of());
      assertThat(run.resume(TestRunData.DATA)).isPresent();
    }
    try (RunDirectory run = open(config("train.batch=256", "train.seed=2"))) {
      assertThatThrownBy(() -> run.resume(TestRunData.DATA))
          .isInstanceOfSatisfying(
              ConfigurationException.class,
              e -> {
                assertThat(e.problems()).hasSize(2);
                assertThat(e.problems().get(0))
                    .contains("train.batch", "256", "128", "choose another --run");
                assertThat(e.problems().get(1)).contains("train.seed", "1", "2");
              });
    }
    assertThat(root.resolve("run/config.conf")).hasContent(before.render());
  }

  @Test
  void whatDoesNotChangeTheResultMayChange() {
    SimclrConfig before = config();
    try (RunDirectory run = open(before)) {
      run.commit(state(3, before), Map.of());
    }
    SimclrConfig now =
        config(
            "checkpoint.keep=5",
            "evaluate.knn.k=20",
            "worker.activation-memory=1g",
            "train.steps=50");
    try (RunDirectory run = open(now)) {
      assertThat(run.resume(TestRunData.DATA)).isPresent();
    }
    assertThat(root.resolve("run/config.conf")).hasContent(now.render());
  }

  @Test
  void aSecondDriverIsRefused() {
    try (RunDirectory run = open(config())) {
      assertThat(run.path().toString()).startsWith("file:");
      assertThatThrownBy(() -> open(config())).isInstanceOf(RunInUseException.class);
    }
  }
}
