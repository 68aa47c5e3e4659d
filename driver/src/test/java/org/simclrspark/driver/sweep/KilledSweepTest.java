package org.simclrspark.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;

/** Sweeps in processes of their own, ended as {@code kill -9} does. */
@Tag("slow")
class KilledSweepTest {

  @TempDir Path directory;
  private Path conf;

  @BeforeEach
  void configure() throws IOException {
    TinyTraining.split(directory, 64, 32);
    conf =
        TinyTraining.configuration(
            directory,
            "data { train = \"%s/train.bin\", test = \"%s/test.bin\", format = cifar10 }"
                .formatted(directory, directory),
            "encoder.width = 0.125",
            "train { shards = 2, epochs = 3 }",
            "optimizer { name = sgd, learning-rate = 0.1, scaling = linear }",
            "evaluate { knn.k = 5, linear.iterations = 3 }");
  }

  private SimclrProcess start(String run, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "sweep",
                "--conf",
                conf.toString(),
                "--grid",
                "train.batch=16,32",
                "--grid",
                "loss.temperature=0.1,0.5",
                "--rungs",
                "2",
                "--master",
                "local[2]",
                "--run",
                directory + "/" + run));
    arguments.addAll(List.of(more));
    return SimclrProcess.start(directory, List.of("-Xmx1g"), arguments);
  }

  private static void killWhenItSays(SimclrProcess sweep, String words) throws Exception {
    for (int i = 0; i < 3000 && sweep.isAlive() && !sweep.output().contains(words); i++) {
      Thread.sleep(50);
    }
    assertThat(sweep.isAlive()).as(sweep.output()).isTrue();
    sweep.kill();
  }

  @Test
  void aSweepThatWasKilledTwiceEndsWithTheFileOfOneThatWasNot() throws Exception {
    SimclrProcess undisturbed = start("undisturbed");
    assertThat(undisturbed.exitStatus()).as(undisturbed.output()).isZero();

    killWhenItSays(start("killed", "--parallel", "2"), "batch 16, temperature 0.5, seed 1: step");
    killWhenItSays(start("killed"), "points are done");
    SimclrProcess last = start("killed");
    assertThat(last.exitStatus()).as(last.output()).isZero();
    assertThat(last.output()).contains("Resuming ");

    assertThat(directory.resolve("killed/sweep.json"))
        .hasSameTextualContentAs(directory.resolve("undisturbed/sweep.json"));
    assertThat(directory.resolve("killed/best.conf")).exists();
  }
}
