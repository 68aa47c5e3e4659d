package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationDamageTest {

  @TempDir private Path scratch;

  @Test
  void endsWithNothingOrWithTheMistakeTold() throws IOException {
    ConfigurationDamage.Counts counts =
        ConfigurationDamage.run(200, 1, Path.of("../conf"), scratch);
    assertThat(counts.failures()).isEmpty();
    assertThat(counts.accepted()).isGreaterThan(5);
    assertThat(counts.refused()).isGreaterThan(100);
    assertThat(counts.accepted() + counts.refused()).isEqualTo(200);
  }
}
