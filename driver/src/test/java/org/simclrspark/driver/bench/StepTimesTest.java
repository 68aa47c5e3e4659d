package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepTimesTest {

  private static final int BATCH = 100;

  @Test
  void sharesTheTasksAmongExecutorsAndLeavesTheRest() {
    StepTimes times = new StepTimes(List.of(line(1000), line(1), line(1), line(1)), 1);
    assertThat(times.stepSeconds()).isCloseTo(7, within(1e-9));
    assertThat(times.schedulingSeconds(BATCH)).isCloseTo(1, within(1e-9));
    assertThat(times.imagesPerSecond()).isCloseTo(12.5, within(1e-9));
    assertThat(times.predictedSeconds(BATCH, 1)).isCloseTo(8, within(1e-9));
    assertThat(times.predictedSeconds(BATCH, 2)).isCloseTo(8 - 5 / 2.0, within(1e-9));
  }

  @Test
  void warmUpMustLeaveSteps() {
    List<Map<String, Object>> one = List.of(line(1));
    assertThatThrownBy(() -> new StepTimes(one, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  /** 5 seconds of tasks, 2 of the driver, 1 of scheduling, times a factor. */
  private static Map<String, Object> line(double factor) {
    return Map.of(
        "images_per_second",
        BATCH / (8 * factor),
        "seconds",
        Map.of(
            "shards", 0.0,
            "embed", 2 * factor,
            "gather", factor,
            "loss", factor,
            "backward", 2 * factor,
            "average", 0.5 * factor,
            "update", 0.5 * factor));
  }
}
