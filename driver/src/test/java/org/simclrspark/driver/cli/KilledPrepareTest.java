package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.prepare.PrepareSettings;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.Server;

/** Kills prepare at random moments while it replaces a dataset: the old or the new one is whole. */
@Tag("slow")
@ExtendWith(FileSystems.Parameter.class)
class KilledPrepareTest {

  private static final int KILLS = Integer.getInteger("prepare.kills", 10);
  private static final int LONGEST_LIFE_MILLISECONDS = 1200;

  @TempDir private Path root;
  private final JavaSparkContext spark = LocalSpark.context();

  @ParameterizedTest
  @EnumSource
  void theOldOrTheNewDatasetIsWhole(FileSystems.Kind kind, FileSystems fileSystems)
      throws Exception {
    Server server = fileSystems.server(kind);
    List<String> options = new ArrayList<>();
    Configuration hadoop = spark.hadoopConfiguration();
    for (Map.Entry<String, String> setting : server.configuration()) {
      if (setting.getKey().startsWith("fs.s3a.")) {
        options.add("-Dspark.hadoop." + setting.getKey() + "=" + setting.getValue());
        hadoop.set(setting.getKey(), setting.getValue());
      }
    }
    hadoop.setBoolean("fs.s3a.impl.disable.cache", true);
    String from = TestImages.sequence(root.resolve("from"), TestImages.images(8));
    org.apache.hadoop.fs.Path to = server.newDirectory();
    PreparingProcess.prepare(spark, settings(from, to, Form.RAW));
    List<Integer> asPixels = contents(to);
    PreparingProcess.prepare(spark, settings(from, to, Form.KEEP));
    List<Integer> asFiles = contents(to);
    assertThat(asFiles).hasSize(8).isNotEqualTo(asPixels);

    long seed = Long.getLong("prepare.seed", System.nanoTime());
    System.out.println(kind + ": " + KILLS + " kills, -Dprepare.seed=" + seed);
    Random random = new Random(seed);
    int cutShort = 0;
    int betweenTwo = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(from, to, options);
      try (var output = process.inputReader(UTF_8)) {
        String line = output.readLine();
        assertThat(line).as(Files.readString(errors())).isEqualTo("warm");
        Thread.sleep(random.nextInt(LONGEST_LIFE_MILLISECONDS));
      } finally {
        process.destroyForcibly().waitFor();
      }
      assertThat(contents(to)).as("after kill " + kill).isIn(asPixels, asFiles);
      List<String> names = names(to);
      cutShort += names.contains(PreparedDataset.WORK) ? 1 : 0;
      betweenTwo += generations(names).size() > 1 ? 1 : 0;
    }
    System.out.println(cutShort + " cut short, " + betweenTwo + " between two generations");
    assertThat(cutShort).isPositive();
    PreparingProcess.prepare(spark, settings(from, to, Form.KEEP));
    assertThat(contents(to)).isEqualTo(asFiles);
    assertThat(names(to))
        .allMatch(
            name -> name.equals(Dataset.BESIDE) || PreparedDataset.generationOf(name).isPresent());
    assertThat(generations(names(to))).hasSize(1);
  }

  private Process start(String from, org.apache.hadoop.fs.Path to, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> option.startsWith("--"))
            .toList());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.add("-Dspark.local.dir=" + root);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(PreparingProcess.class.getName(), from, to.toString()));
    return new ProcessBuilder(command).redirectError(errors().toFile()).start();
  }

  private Path errors() {
    return root.resolve("errors.txt");
  }

  private static PrepareSettings settings(String from, org.apache.hadoop.fs.Path to, Form form) {
    return new PrepareSettings(
        DatasetSpec.train(from, "sequence"), to.toString(), 0, form, 90, true);
  }

  /** A hash of each image, in order. */
  private List<Integer> contents(org.apache.hadoop.fs.Path to) {
    return ImageSources.first(
            DatasetSpec.train(to.toString(), "parquet"), 100, spark.hadoopConfiguration())
        .stream()
        .map(image -> Arrays.hashCode(image.bytes()))
        .toList();
  }

  private List<String> names(org.apache.hadoop.fs.Path to) throws IOException {
    return Stream.of(to.getFileSystem(spark.hadoopConfiguration()).listStatus(to))
        .map(file -> file.getPath().getName())
        .toList();
  }

  private static Set<OptionalLong> generations(List<String> names) {
    return names.stream()
        .map(PreparedDataset::generationOf)
        .filter(OptionalLong::isPresent)
        .collect(Collectors.toSet());
  }
}
