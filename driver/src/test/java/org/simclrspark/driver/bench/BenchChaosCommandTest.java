package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A short version of the chaos command, on a real standalone cluster. */
class BenchChaosCommandTest {

  @Test
  void killedExecutorsAndDriversLeaveTheBitsAsTheyAre() throws Exception {
    Path images =
        Path.of(System.getProperty("basedir", "."))
            .toAbsolutePath()
            .getParent()
            .resolve("data-pipeline/sample/cifar10/data_batch_1.bin");
    BenchChaosCommand command = new BenchChaosCommand();
    new CommandLine(command)
        .parseArgs("--kills=2", "--driver-kills=1", "--steps=7", "--seed=4", "--images=" + images);

    Map<String, Object> result = command.measure();

    assertThat(result)
        .containsEntry("kills", 2L)
        .containsEntry("driver_kills", 1L)
        .containsEntry("steps", 7)
        .containsEntry("bits_agree", true);
  }
}
