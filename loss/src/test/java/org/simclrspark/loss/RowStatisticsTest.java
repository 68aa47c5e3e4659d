package org.simclrspark.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowStatisticsTest {
  private final RowStatistics first = new RowStatistics(0, new double[] {1, 2}, 3, 1, 5);
  private final RowStatistics second = new RowStatistics(2, new double[] {4, 5, 6}, 7, 2, 10);

  @Test
  void concatenatesInTheOrderOfRows() {
    RowStatistics all = RowStatistics.concatenate(List.of(second, first));
    assertThat(all.from()).isZero();
    assertThat(all.to()).isEqualTo(5);
    assertThat(all.logNormalisers()).containsExactly(1, 2, 4, 5, 6);
    assertThat(all.meanLoss()).isEqualTo(2);
    assertThat(all.contrastiveEntropy()).isEqualTo(3);
    assertThat(all.contrastiveAccuracy()).isCloseTo(0.6, within(1e-15));
  }

  @Test
  void refusesGapsAndOverlaps() {
    RowStatistics later = new RowStatistics(3, new double[1], 0, 0, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowStatistics.concatenate(List.of(first, later)))
        .withMessageEndingWith("found rows 3 to 4 where row 2 begins");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowStatistics.concatenate(List.of(first, second, later)))
        .withMessageEndingWith("found rows 3 to 4 where row 5 begins");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowStatistics.concatenate(List.of()))
        .withMessageEndingWith("found none");
  }
}
