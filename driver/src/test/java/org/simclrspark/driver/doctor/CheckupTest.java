package org.simclrspark.driver.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.cluster.ExecutorMemory;
import org.simclrspark.driver.config.SimclrConfig;

class CheckupTest {

  private static final String IMAGES =
      "data.train=../data-pipeline/sample/cifar10/data_batch_1.bin";

  private static final String[] SMALL = {
    "encoder.depth=18", "encoder.width=0.25", "encoder.stem=small", "projection.hidden=32"
  };

  @TempDir java.nio.file.Path directory;
  private final List<Finding> findings = new ArrayList<>();

  private boolean run(java.nio.file.Path runDirectory, String... settings) {
    List<String> all = new ArrayList<>(List.of(SMALL));
    all.addAll(List.of(settings));
    return Checkup.run(
        LocalSpark.context(),
        Optional.of(SimclrConfig.of(all.toArray(new String[0]))),
        Optional.of(new Path(runDirectory.toUri())),
        findings::add);
  }

  private List<String> wrong() {
    return findings.stream().filter(finding -> !finding.good()).map(Finding::line).toList();
  }

  @Test
  void aMachineThatCanTrainIsFoundWell() throws IOException {
    java.nio.file.Path run = Files.createDirectories(directory.resolve("run"));
    assertThat(run(run, IMAGES, "worker.activation-memory=64MiB")).as(wrong().toString()).isTrue();
    assertThat(findings)
        .extracting(finding -> finding.subject().replaceFirst(" on .*", ""))
        .contains(
            "Spark",
            "Java of driver",
            "natives of driver",
            "memory of the driver",
            "executors",
            "Java of executor driver",
            "natives of executor driver",
            "clock of executor driver",
            "run directory from executor driver");
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void imagesThatNobodyCanReadAndARunThatNobodyCanWriteAreFound() throws IOException {
    java.nio.file.Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(run(file.resolve("run"), "data.train=/no/such/images*.bin")).isFalse();
    assertThat(wrong())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("WRONG storage " + file.resolve("run").toUri().getScheme())
                    .contains("the driver cannot write to it")
                    .endsWith("Check the path, permissions and credentials."))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("WRONG data.train /no/such/images*.bin from executor driver")
                    .contains("cannot be read (finds nothing there)"));
  }

  @Test
  void aCacheThatTakesNothingIsFound() throws IOException {
    java.nio.file.Path run = Files.createDirectories(directory.resolve("run"));
    java.nio.file.Path file = Files.writeString(directory.resolve("file"), "");
    String small = "worker.activation-memory=64MiB";
    assertThat(run(run, IMAGES, small, "data.cache=" + file.resolve("cache"))).isFalse();
    assertThat(wrong())
        .singleElement()
        .asString()
        .startsWith("WRONG data.cache " + file.resolve("cache") + " of executor driver")
        .endsWith("let the user of the executors write to it.");
    assertThat(run(run, IMAGES, small, "data.cache=" + directory.resolve("cache"))).isTrue();
    assertThat(directory.resolve("cache")).isEmptyDirectory();
  }

  @Test
  void memoryThatDoesNotHoldTheActivationsIsFound() throws IOException {
    java.nio.file.Path run = Files.createDirectories(directory.resolve("run"));
    assertThat(run(run, IMAGES, "worker.activation-memory=900GiB")).isFalse();
    assertThat(wrong())
        .singleElement()
        .asString()
        .startsWith("WRONG memory of executor driver")
        .contains("about 900.")
        .endsWith("Give spark.executor.memoryOverhead, or lower worker.activation-memory.");
  }

  @Test
  void aClockIsHeldAgainstTheTimesThatTheTaskRanBetween() {
    assertThat(visit(1_000, 2_000, 1_500).clockSkewMillis()).isZero();
    assertThat(visit(1_000, 2_000, 5_000).clockSkewMillis()).isEqualTo(3_000);
    assertThat(visit(1_000, 2_000, 400).clockSkewMillis()).isEqualTo(600);
  }

  private static ExecutorVisit visit(long sent, long back, long clock) {
    MachineReport machine = new MachineReport("e", "17", "cpu", "AVX2", "", 1, 1, clock);
    return new ExecutorVisit(machine, "", "", "", List.of(), sent, back);
  }

  @Test
  void whatTheClusterManagerGrantsFollowsItsOwnRules() {
    SparkConf conf = new SparkConf(false).set("spark.master", "yarn");
    assertThat(ExecutorMemory.overhead(conf)).isEqualTo(384L << 20);
    assertThat(ExecutorMemory.overhead(conf.set("spark.executor.memory", "8g")))
        .isEqualTo(819L << 20);
    assertThat(ExecutorMemory.overhead(conf.set("spark.executor.memoryOverhead", "8g")))
        .isEqualTo(8L << 30);
    assertThat(ExecutorMemory.overhead(conf.set("spark.master", "spark://host:7077")))
        .isEqualTo(Long.MAX_VALUE);
  }
}
