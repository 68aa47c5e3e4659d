package org.simclrspark.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.run.RunDirectory;
import org.simclrspark.driver.run.RunInUseException;
import org.simclrspark.driver.run.TargetLock;
import org.simclrspark.driver.storage.StorageException;
import sun.misc.Signal;

/** What becomes of a sweep when points fail, drivers meet, or it is stopped. */
@Tag("slow")
class SweepTroubleTest extends TinySweeps {

  @Test
  void aPointThatDivergesIsAResult() throws Exception {
    Grid grid = grid(List.of(), "optimizer.learning-rate=1e37,0.1");
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(states("a")).containsExactly("failed", "finished");
    String reason = points("a").get(0).get("reason").asText();
    assertThat(reason).startsWith("Training diverged in step 2");
    String json = text("a/sweep.json");

    said.clear();
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(said).contains("All points are done; there is nothing to train.");
    assertThat(text("a/sweep.json")).isEqualTo(json);

    said.clear();
    assertThat(run("a", grid, new Sweep.Options(1, 1, true, false))).isZero();
    assertThat(said).anyMatch(line -> line.contains("failed: " + reason));
    assertThat(text("a/sweep.json")).isEqualTo(json);
  }

  @Test
  void aSweepInWhichNothingWorksFails() throws Exception {
    assertThat(run("a", grid(List.of(), "optimizer.learning-rate=1e37"), ONE_BY_ONE)).isOne();
    assertThat(said).anyMatch(line -> line.contains("there is no best one"));
    assertThat(directory.resolve("a/best.conf")).doesNotExist();
  }

  /** A full disk, say: it is no result of the points that come to meet it. */
  @Test
  void aStorageThatDoesNotWorkEndsTheSweepAndNoPointFails() throws Exception {
    Grid grid = grid(List.of(), "loss.temperature=0.1,0.5");
    Files.createDirectories(directory.resolve("a"));
    Files.writeString(directory.resolve("a/points"), "in the way");
    assertThatThrownBy(() -> run("a", grid, new Sweep.Options(1, 2, false, false)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("/a/points");
    assertThat(states("a")).containsOnly("unfinished");
    Files.delete(directory.resolve("a/points"));
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(states("a")).containsOnly("finished");
  }

  @Test
  void aPointThatAnotherDriverTrainsIsLeftToItAndTheRestIsTrained() throws Exception {
    Grid grid = grid(List.of(), "loss.temperature=0.1,0.5");
    try (RunDirectory other =
        RunDirectory.open(
            path("a/points/temperature-0.1_seed-1"),
            grid.points().get(0).config(),
            new Configuration(),
            Environment.current(1),
            said::add)) {
      assertThat(other.isStarted()).isFalse();
      assertThatThrownBy(() -> run("a", grid, ONE_BY_ONE))
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("temperature-0.1_seed-1");
    }
    assertThat(states("a")).containsExactly("unfinished", "finished");
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(states("a")).containsOnly("finished");
  }

  @Test
  void aSweepHasOneDriver() {
    Grid grid = grid(List.of(), "loss.temperature=0.1,0.5");
    try (TargetLock sibling =
        TargetLock.acquireSweep(path("a/lock"), new Configuration(), said::add)) {
      sibling.ensureHeld();
      assertThatThrownBy(() -> run("a", grid, ONE_BY_ONE))
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("A sweep must have one driver at a time");
    }
  }

  @Test
  void aSignalStopsAllPointsWithACheckpointAndTheSweepGoesOn() throws Exception {
    Grid grid = grid(List.of("train.epochs=4"), "train.batch=16,32");
    assertThat(run("undisturbed", grid, ONE_BY_ONE)).isZero();
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    int status =
        Sweep.run(
            LocalSpark.context(),
            grid,
            new Sweep.Options(1, 2, false, false),
            sweep("a"),
            line -> {
              lines.add(line);
              if (line.contains("Training ResNet")) {
                raiseOnce();
              }
            });
    assertThat(status).isEqualTo(143);
    assertThat(lines).contains("Stopped; the same command goes on.");
    assertThat(states("a")).contains("unfinished");
    assertThat(run("a", grid, ONE_BY_ONE)).isZero();
    assertThat(text("a/sweep.json")).isEqualTo(text("undisturbed/sweep.json"));
  }

  private boolean raised;

  private synchronized void raiseOnce() {
    if (!raised) {
      raised = true;
      Signal.raise(new Signal("TERM"));
    }
  }

  @Test
  void whatTheImagesRefuseIsToldBeforeAnythingIsTrained() {
    assertThat(
            catchThrowableOfType(
                    () -> run("a", grid(List.of(), "train.batch=32,64"), ONE_BY_ONE),
                    ConfigurationException.class)
                .problems())
        .singleElement()
        .asString()
        .startsWith("--grid: train.batch must be at most the number of training images, 32");
    assertThat(
            catchThrowableOfType(
                    () ->
                        run(
                            "a",
                            grid(List.of(), "train.batch=16,32"),
                            new Sweep.Options(3, 1, false, false)),
                    ConfigurationException.class)
                .problems())
        .singleElement()
        .asString()
        .startsWith("--grid: with train.batch=32: --rungs: the steps of a point must be at least");
    assertThat(directory.resolve("a/points")).doesNotExist();
  }

  @Test
  void theDirectoryOfARunIsNoSweep() throws Exception {
    Files.createDirectories(directory.resolve("run"));
    Files.writeString(directory.resolve("run/config.conf"), "simclr {}");
    assertThatThrownBy(() -> run("run", grid(List.of(), "train.batch=16"), ONE_BY_ONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--run: the directory must be new or that of a sweep, found a run");
  }
}
