package org.simclrspark.driver.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.SimclrProcess;

class LocaleTest {

  @TempDir private Path directory;

  /** Hadoop's local file system leaves such files out in this locale and says nothing. */
  @Test
  void driversAndExecutorsWithoutALocaleFindEveryImage() throws Exception {
    TestImages.folder(directory.resolve("from"), TestImages.images(9));
    Process rename =
        new ProcessBuilder(
                "bash",
                "-ec",
                "mv ant $'caf\\xc3\\xa9'; mv cat/008.png $'cat/\\xe7\\x8c\\xab.png'; mv bee 10:30")
            .directory(directory.resolve("from").toFile())
            .start();
    assertThat(rename.waitFor()).isZero();
    SimclrProcess process =
        SimclrProcess.start(
            directory,
            List.of(
                "-Dspark.executor.memory=480m",
                "-Dspark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1"),
            "org.simclrspark.driver.cli.Main",
            List.of(
                "prepare",
                "--from=from",
                "--to=to",
                "--format=folder",
                "--master=local-cluster[1,1,480]"),
            Map.of("LC_ALL", "C"));
    assertThat(process.exitStatus()).as(process.output()).isZero();
    assertThat(process.output()).contains("9 images of 3 classes");
    Path to = directory.resolve("to");
    try (Stream<Path> files = Files.list(to)) {
      Path summary =
          files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
      assertThat(summary).content(UTF_8).contains("café", "cat", "10:30");
    }
  }
}
