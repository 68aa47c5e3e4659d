package org.simclrspark.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.sweep.Halving.Fate;
import org.simclrspark.driver.sweep.Halving.Verdict;

class HalvingTest {

  private final Grid grid =
      Grid.of(
          ConfigFiles.empty(),
          List.of("data.train=/train", "data.test=/test", "train.shards=1", "train.micro-batch=16"),
          List.of("train.batch=16,32,64,128", "loss.temperature=0.1,0.5"),
          1);
  private final Map<String, Double> found = new HashMap<>();

  private Map<String, Verdict> verdicts(int rungs) {
    Map<String, Verdict> byName = new HashMap<>();
    new Halving(rungs)
        .verdicts(
            grid.points(),
            (point, rung) -> {
              Double accuracy = found.get(point.candidate() + "@" + rung);
              return accuracy == null ? OptionalDouble.empty() : OptionalDouble.of(accuracy);
            })
        .forEach((point, verdict) -> byName.put(point.candidate(), verdict));
    return byName;
  }

  private void found(int rung, String temperature, double... accuracies) {
    for (int i = 0; i < accuracies.length; i++) {
      if (!Double.isNaN(accuracies[i])) {
        found.put("batch-" + (16 << i) + "_temperature-" + temperature + "@" + rung, accuracies[i]);
      }
    }
  }

  @Test
  void rungsAreTheEndItsHalfAndItsQuarter() {
    assertThat(new Halving(3).steps(40)).containsExactly(10, 20, 40);
    assertThat(new Halving(3).steps(7)).containsExactly(1, 3, 7);
    assertThat(new Halving(1).steps(7)).containsExactly(7);
  }

  @Test
  void withoutRungsAllGoToTheEnd() {
    assertThat(verdicts(1).values()).containsOnly(new Verdict(Fate.TRAINS, 0));
  }

  /** A point waits for those of its own temperature alone. */
  @Test
  void theWorseHalfStopsOnceAllOfATemperatureAreThere() {
    found(0, "0.1", 0.4, 0.3, 0.2, 0.5);
    found(0, "0.5", 0.1, Double.NaN, 0.1, 0.1);
    Map<String, Verdict> verdicts = verdicts(3);
    assertThat(verdicts)
        .containsEntry("batch-16_temperature-0.1", new Verdict(Fate.TRAINS, 1))
        .containsEntry("batch-32_temperature-0.1", new Verdict(Fate.STOPS, 0))
        .containsEntry("batch-64_temperature-0.1", new Verdict(Fate.STOPS, 0))
        .containsEntry("batch-128_temperature-0.1", new Verdict(Fate.TRAINS, 1))
        .containsEntry("batch-16_temperature-0.5", new Verdict(Fate.WAITS, 0))
        .containsEntry("batch-32_temperature-0.5", new Verdict(Fate.TRAINS, 0));
  }

  /** All points of temperature 0.5 are worse than all of 0.1, and two of them go on. */
  @Test
  void pointsOfDifferentTemperaturesAreNeverCompared() {
    found(0, "0.1", 0.9, 0.8, 0.7, 0.6);
    found(0, "0.5", 0.4, 0.3, 0.2, 0.1);
    found(1, "0.1", 0.8, 0.9, 0, 0);
    found(1, "0.5", 0.4, 0.4, 0, 0);
    assertThat(verdicts(3))
        .containsEntry("batch-16_temperature-0.1", new Verdict(Fate.STOPS, 1))
        .containsEntry("batch-32_temperature-0.1", new Verdict(Fate.TRAINS, 2))
        // Equal: the first of the grid.
        .containsEntry("batch-16_temperature-0.5", new Verdict(Fate.TRAINS, 2))
        .containsEntry("batch-32_temperature-0.5", new Verdict(Fate.STOPS, 1))
        .containsEntry("batch-64_temperature-0.5", new Verdict(Fate.STOPS, 0));
  }
}
