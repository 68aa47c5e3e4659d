package org.simclrspark.driver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.simclrspark.driver.config.SimclrConfig;

class DriverMemoryTest {

  /** Spark's own default of 1g does not hold the arrays of a ResNet-50's step and checkpoint. */
  @Test
  void growsWithParametersAndEmbeddings() {
    assertThat(DriverMemory.option(SimclrConfig.of("data.train=x", "train.batch=8192")))
        .isEqualTo("4g");
    assertThat(
            DriverMemory.option(
                SimclrConfig.of(
                    "data.train=x",
                    "encoder.depth=18",
                    "encoder.width=0.25",
                    "encoder.stem=small",
                    "projection.hidden=32")))
        .isEqualTo("3g");
    assertThat(DriverMemory.option(SimclrConfig.of("data.train=x", "encoder.width=4")))
        .isEqualTo("26g");
  }
}
