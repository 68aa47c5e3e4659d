package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;

/** The promise: the result does not depend on the cluster, nor on what it goes through. */
class ClusterIndependenceTest {

  private static final long POLL_MILLISECONDS = 20;

  private static String expected;

  @TempDir Path directory;

  @Test
  void oneJvmAndRealExecutorsEndInTheSameBits() throws Exception {
    String expected = expected();
    assertThat(expected).hasSize(64);
    // As on clusters that clean up by other means.
    List<String> noCleaner = List.of("-Dspark.cleaner.referenceTracking=false");
    assertThat(train("two-slots", "local[2]", noCleaner)).isEqualTo(expected);
    assertThat(train("two-executors", "local-cluster[2,1,1200]")).isEqualTo(expected);
  }

  @Test
  @Tag("slow")
  void oneExecutorAndOneForEveryShardEndInTheSameBits() throws Exception {
    assertThat(train("one-executor", "local-cluster[1,1,1200]")).isEqualTo(expected());
    assertThat(train("four-executors", "local-cluster[4,1,1200]")).isEqualTo(expected());
  }

  @Test
  void viewsMadeAheadOnCoresThatGpusLeaveFreeGiveTheSameBits() throws Exception {
    Path discovery =
        Files.writeString(
            directory.resolve("gpus.sh"),
            "echo '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n",
            StandardCharsets.UTF_8);
    assertThat(discovery.toFile().setExecutable(true)).isTrue();
    Path events = Files.createDirectories(directory.resolve("events"));
    List<String> gpus =
        List.of(
            "-Dspark.worker.resource.gpu.amount=1",
            "-Dspark.worker.resource.gpu.discoveryScript=" + discovery,
            "-Dspark.executor.resource.gpu.amount=1",
            "-Dspark.task.resource.gpu.amount=1",
            "-Dspark.executor.cores=2",
            "-Dspark.eventLog.enabled=true",
            "-Dspark.eventLog.dir=" + events.toUri());

    String hash = train("gpu", "local-cluster[1,2,1200]", gpus);

    assertThat(hash).isEqualTo(expected());
    List<String> ahead = new ArrayList<>();
    try (Stream<Path> logs = Files.walk(events)) {
      for (Path log : logs.filter(Files::isRegularFile).toList()) {
        try (Stream<String> lines = Files.lines(log)) {
          lines
              .filter(line -> line.contains("SparkListenerStageSubmitted"))
              .filter(
                  line -> line.matches(".*description\":\"step \\d+: views of the next step\".*"))
              .forEach(ahead::add);
        }
      }
    }
    assertThat(ahead)
        .isNotEmpty()
        .allSatisfy(stage -> assertThat(stage).doesNotContain("\"Resource Profile Id\":0"));
  }

  @Test
  void aKilledRunGoesOnAndEndsInTheSameBits() throws Exception {
    SimclrProcess process = start("disturbed", "local[2]");
    Path checkpoint = directory.resolve("disturbed/checkpoints/step-00000001/manifest.json");
    while (process.isAlive() && !isWhole(checkpoint)) {
      Thread.sleep(POLL_MILLISECONDS);
    }
    process.kill();
    assertThat(directory.resolve("disturbed/summary.json")).doesNotExist();

    SimclrProcess again = start("disturbed", "local[2]");
    assertThat(again.exitStatus()).as(again.output()).isZero();
    assertThat(again.output()).contains("Resuming").contains("after step ");
    assertThat(hash("disturbed")).isEqualTo(expected());
    List<Map<String, Object>> lines =
        Metrics.read(new org.apache.hadoop.fs.Path(run("disturbed")), new Configuration());
    assertThat(lines).extracting(line -> line.get("step")).containsExactly(1, 2, 3);
    assertThat(lines).filteredOn(line -> line.containsKey("resumed")).hasSize(1);
    assertThat(lines).extracting(line -> line.get("executors_lost")).containsOnly(0);

    SimclrProcess finished = start("disturbed", "local[2]");
    assertThat(finished.exitStatus()).isZero();
    assertThat(finished.output()).contains("is finished after 3 steps; there is nothing to do");
  }

  private static boolean isWhole(Path manifest) throws IOException {
    return Files.exists(manifest) && Files.readString(manifest).endsWith("}\n");
  }

  /** The bits of the simplest cluster there is. */
  private String expected() throws Exception {
    if (expected == null) {
      expected = train("one-slot", "local[1]");
    }
    return expected;
  }

  private String train(String name, String master) throws Exception {
    return train(name, master, List.of());
  }

  private String train(String name, String master, List<String> options) throws Exception {
    SimclrProcess process = start(name, master, options);
    assertThat(process.exitStatus()).as(process.output()).isZero();
    // Of our lines and Spark's warnings alone.
    assertThat(process.output()).doesNotContain(" INFO ");
    return hash(name);
  }

  private SimclrProcess start(String name, String master) throws IOException {
    return start(name, master, List.of());
  }

  private SimclrProcess start(String name, String master, List<String> options) throws IOException {
    Path conf =
        TinyTraining.configuration(directory, "train.steps = 3", "checkpoint.every-steps = 1");
    return SimclrProcess.start(
        directory,
        options,
        List.of("pretrain", "--conf", conf.toString(), "--master", master, "--run", run(name)));
  }

  private String run(String name) {
    return directory.resolve(name).toString();
  }

  private String hash(String name) {
    return (String)
        Summary.read(new org.apache.hadoop.fs.Path(run(name)), new Configuration())
            .orElseThrow()
            .values()
            .get(Summary.PARAMETERS_SHA256);
  }
}
