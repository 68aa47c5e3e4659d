package org.simclrspark.loss.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TileRoundsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 13, 20})
  void visitsEachPairOnceAndEachBlockInTheSameOrder(int blocks) {
    List<List<Integer>> oneThread = partners(blocks, 1);
    for (int block = 0; block < blocks; block++) {
      assertThat(oneThread.get(block)).hasSize(blocks).doesNotHaveDuplicates();
    }
    for (int threads = 2; threads <= 5; threads++) {
      assertThat(partners(blocks, threads)).isEqualTo(oneThread);
    }
  }

  /**
   * The partners of each block in the order they came; lists are unguarded as a tile's rows are.
   */
  private static List<List<Integer>> partners(int blocks, int threads) {
    List<List<Integer>> partners = new ArrayList<>();
    for (int block = 0; block < blocks; block++) {
      partners.add(new ArrayList<>());
    }
    Set<Integer> busy = ConcurrentHashMap.newKeySet();
    TileRounds.run(
        threads,
        blocks,
        () ->
            (first, second) -> {
              assertThat(first).isLessThanOrEqualTo(second);
              assertThat(busy.add(first)).isTrue();
              assertThat(first == second || busy.add(second)).isTrue();
              partners.get(first).add(second);
              if (first != second) {
                partners.get(second).add(first);
              }
              busy.remove(first);
              busy.remove(second);
            });
    return partners;
  }

  @Test
  void aFailureEndsAllThreads() {
    assertThatThrownBy(
            () ->
                TileRounds.run(
                    3,
                    12,
                    () ->
                        (first, second) -> {
                          if (first == 2 && second == 7) {
                            throw new IllegalStateException("tile (2, 7)");
                          }
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tile (2, 7)");
  }
}
