package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.worker.machine.Isa;

/** Runs that are held to AVX2 end in the same bits, however their processes came to be. */
@Tag("slow")
class PinnedInstructionsTest {

  @TempDir Path directory;

  @Test
  void aProcessAndExecutorsOnAvx2Agree() throws Exception {
    String embedded = train("embedded", "local[1]", Isa.AVX2, Isa.AVX2);
    String manifest =
        Files.readString(directory.resolve("embedded/checkpoints/step-00000002/manifest.json"));
    assertThat(manifest).contains("\"isa\" : \"AVX2\"").doesNotContain("NATIVE");

    // The driver chooses its own; what counts is what executors are started with.
    assertThat(train("executors", "local-cluster[2,1,1200]", Isa.AVX2, Isa.NATIVE))
        .isEqualTo(embedded);
  }

  @Test
  void aProcessStartedOtherwiseIsRefused() throws Exception {
    SimclrProcess process = start("refused", "local[1]", Isa.AVX2, Isa.NATIVE);
    assertThat(process.exitStatus()).isEqualTo(2);
    assertThat(process.output()).contains("Start it by deploy/simclr, which gives them.");
  }

  private String train(String name, String master, Isa configured, Isa started) throws Exception {
    SimclrProcess process = start(name, master, configured, started);
    assertThat(process.exitStatus()).as(process.output()).isZero();
    Optional<Summary> summary =
        Summary.read(new org.apache.hadoop.fs.Path(directory + "/" + name), new Configuration());
    return (String) summary.orElseThrow().values().get(Summary.PARAMETERS_SHA256);
  }

  private SimclrProcess start(String name, String master, Isa configured, Isa started)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("pretrain", "--master", master, "--run", directory.resolve(name).toString()));
    Path conf =
        TinyTraining.configuration(
            directory,
            "train { shards = 2, steps = 2 }",
            "worker.isa = " + configured.name().toLowerCase(Locale.ROOT));
    arguments.addAll(List.of("--conf", conf.toString()));
    return SimclrProcess.start(
        directory,
        started.javaOptions(),
        "org.simclrspark.driver.cli.Main",
        arguments,
        Map.copyOf(started.environment()));
  }
}
