package org.simclrspark.data.epoch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KeyedSampleTest {

  @Test
  void takesEveryImageOnceAndInOrder() {
    long[] ids = KeyedSample.ids(1_000_000_000_000L, 5000, 7);

    assertThat(ids).hasSize(5000).isSorted().doesNotHaveDuplicates();
    assertThat(ids[0]).isNotNegative();
    assertThat(ids[4999]).isLessThan(1_000_000_000_000L);
    // The mean of uniform draws, within five standard errors.
    assertThat(Arrays.stream(ids).average().orElseThrow())
        .isCloseTo(5e11, within(5 * 1e12 / Math.sqrt(12 * 5000)));
  }

  @Test
  void dependsOnTheKeyAlone() {
    assertThat(KeyedSample.ids(1000, 50, 3)).isEqualTo(KeyedSample.ids(1000, 50, 3));
    assertThat(KeyedSample.ids(1000, 50, 4)).isNotEqualTo(KeyedSample.ids(1000, 50, 3));
  }

  @Test
  void takesAllWhereThereAreNoMore() {
    assertThat(KeyedSample.ids(3, 3, 1)).containsExactly(0, 1, 2);
  }
}
