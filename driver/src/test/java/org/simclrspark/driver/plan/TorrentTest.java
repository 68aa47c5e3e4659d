package org.simclrspark.driver.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TorrentTest {

  private static final long BLOCK = 4 << 20;
  private static final double SLOW = 1e4;

  @Test
  void theOnlyExecutorFetchesAllFromTheDriver() {
    assertThat(Torrent.sent(10 * BLOCK + 7, 1, 1e9)).isEqualTo(10 * BLOCK + 7);
    assertThat(Torrent.sent(0, 5, 1e9)).isZero();
  }

  /** The one block is on its way to the first when the last one asks. */
  @Test
  void executorsThatBeginTogetherFetchTheirFirstBlockFromTheDriver() {
    assertThat(Torrent.sent(BLOCK, 7, SLOW)).isEqualTo(7 * BLOCK);
  }

  /** Each of those who come later asks one of all who have it: 1 + 1/2 + 1/3 + 1/4. */
  @Test
  void executorsThatBeginOneAfterTheOtherAskEachOther() {
    assertThat(Torrent.sent(100, 4, 1e9)).isCloseTo(100 * 25 / 12.0, within(5.0));
  }

  /**
   * By hand: each fetches a block. Where both have the same, an even chance, both fetch the second
   * from the driver too: 4 blocks. Else the first to be ready finds it with the driver alone, and
   * the other with two: 3.5 blocks; or where they are within 2 of the 10.6 ms, both find two: 3.
   */
  @Test
  void twoBlocksToTwoExecutors() {
    double together = 1 - Math.pow(1 - 2 / 10.6, 2);
    double blocks = (4 + 3 * together + 3.5 * (1 - together)) / 2;
    assertThat(Torrent.sent(2 * BLOCK, 2, SLOW) / BLOCK).isCloseTo(blocks, within(0.03));
  }
}
