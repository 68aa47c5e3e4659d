package org.simclrspark.driver.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.driver.config.ConfigurationException;

class SparkReleaseTest {

  @ParameterizedTest
  @ValueSource(strings = {"3.5.1", "3.5.9", "3.5.10", "3.5.1-amzn-0", "3.5.2.3.3.7190.0-91"})
  void theReleasesThatWorkAreTaken(String version) {
    assertThatCode(() -> SparkRelease.require(version, "2.12.18")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.5.0", "3.5.0-amzn-1", "3.4.3", "3.50.1", "4.0.0", "3.5", "2.4.8"})
  void othersAreRefused(String version) {
    assertThatThrownBy(() -> SparkRelease.require(version, "2.12.18"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Spark must be 3.5.1 to 3.5.x, found " + version + ".");
  }

  @Test
  void anotherScalaIsRefused() {
    assertThatThrownBy(() -> SparkRelease.require("3.5.9", "2.13.8"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("the build for Scala 2.12, found 2.13.8");
  }

  @Test
  void theOneOfTheTestsIsTaken() {
    assertThatCode(SparkRelease::require).doesNotThrowAnyException();
  }
}
