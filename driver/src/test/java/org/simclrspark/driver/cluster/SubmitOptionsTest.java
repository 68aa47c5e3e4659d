package org.simclrspark.driver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.config.ConfigurationException;

class SubmitOptionsTest {

  @TempDir Path directory;

  @Test
  void modeMemoryAndSettingsAreFoundWhereverTheyAreGiven() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("my.conf"),
            "spark.submit.deployMode cluster\nspark.driver.memory 3g\nspark.a 1\nspark.b 1\n");
    SubmitOptions options =
        SubmitOptions.parse(
            List.of(
                "--properties-file",
                file.toString(),
                "--conf",
                "spark.b=2",
                "--master",
                "k8s://x"));
    assertThat(options.isClusterMode()).isTrue();
    assertThat(options.driverMemory()).contains("3g");
    assertThat(options.properties()).containsEntry("spark.a", "1").containsEntry("spark.b", "2");

    SubmitOptions plain = SubmitOptions.parse(List.of("--deploy-mode=client"));
    assertThat(plain.isClusterMode()).isFalse();
    assertThat(plain.driverMemory()).isEmpty();
  }

  @Test
  void whatSparkSubmitRefusesIsAMistakeOfTheCommandLine() {
    assertThatThrownBy(() -> SubmitOptions.parse(List.of("--nodes", "4")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("The options behind -- must be those of spark-submit");
    assertThatThrownBy(() -> SubmitOptions.parse(List.of("--properties-file", "/no/such")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("/no/such");
  }
}
