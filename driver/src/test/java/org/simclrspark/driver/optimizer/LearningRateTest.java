package org.simclrspark.driver.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.simclrspark.driver.config.OptimizerConfig.Schedule;

class LearningRateTest {

  @Test
  void warmsUpLinearlyAndReachesThePeakAtItsLastWarmUpStep() {
    LearningRate rate = new LearningRate(2, 4, 100, Schedule.COSINE);
    assertThat(rate.at(0)).isEqualTo(0.5);
    assertThat(rate.at(1)).isEqualTo(1);
    assertThat(rate.at(3)).isEqualTo(2);
    assertThat(rate.at(4)).isEqualTo(2);
  }

  @Test
  void cosineIsHalfThePeakInTheMiddleAndNearZeroAtTheEnd() {
    LearningRate rate = new LearningRate(2, 10, 110, Schedule.COSINE);
    assertThat(rate.at(60)).isCloseTo(1, within(1e-12));
    assertThat(rate.at(109)).isPositive().isLessThan(0.001);
    assertThat(rate.at(110)).isZero();
    assertThat(rate.at(500)).isZero();
  }

  @Test
  void constantStaysAtThePeak() {
    LearningRate rate = new LearningRate(0.3, 0, 10, Schedule.CONSTANT);
    assertThat(rate.at(0)).isEqualTo(0.3);
    assertThat(rate.at(9)).isEqualTo(0.3);
  }
}
