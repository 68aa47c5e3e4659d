package org.simclrspark.worker.winograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the definition of a convolution and of its gradients, in double precision. */
class WinogradConvolutionTest {

  /** Of the root mean square; the direct way rounds as much. */
  private static final double TOLERANCE = 2e-6;

  @ParameterizedTest
  @CsvSource({
    // Whole tiles; tiles that go beyond the side; an odd number of panels.
    "32, 32, 32, 2",
    "64, 48, 7, 5",
    "48, 32, 14, 3",
    "32, 64, 9, 2",
    // One tile a view, and more views than tiles in work together; sides below a tile.
    "32, 32, 4, 150",
    "32, 32, 3, 40",
    "32, 32, 1, 5",
    // Many channels: long sums.
    "256, 256, 8, 3",
    "512, 512, 4, 2"
  })
  void agreesWithTheDefinition(int in, int out, int side, int views) {
    TileCase given = new TileCase(in, out, side, views, 3);
    given.run(new TileWorkspace());

    assertThat(given.forwardError()).isLessThan(TOLERANCE);
    assertThat(given.dataError()).isLessThan(TOLERANCE);
    assertThat(given.weightError()).isLessThan(TOLERANCE);
  }

  @Test
  void doesNotDependOnWhatTheWorkspaceHeldBefore() {
    TileCase fresh = new TileCase(48, 32, 6, 7, 5);
    fresh.run(new TileWorkspace());

    TileWorkspace used = new TileWorkspace();
    TileCase spoilt = new TileCase(64, 96, 32, 3, 6);
    spoilt.spoil(Float.NaN);
    spoilt.run(used);
    TileCase again = new TileCase(48, 32, 6, 7, 5);
    again.run(used);

    assertThat(again.results()).isEqualTo(fresh.results());
  }

  @Test
  void aViewDoesNotDependOnTheViewsBesideIt() {
    TileCase many = new TileCase(32, 32, 12, 40, 7);
    many.run(new TileWorkspace());
    TileCase few = new TileCase(32, 32, 12, 3, 7);
    few.run(new TileWorkspace());

    assertThat(few.outputs()).isEqualTo(Arrays.copyOf(many.outputs(), few.outputs().length));
  }

  @Test
  void whatIsNotANumberStaysInItsViewAndReachesTheGradient() {
    TileCase given = new TileCase(32, 32, 8, 3, 9);
    given.spoilFirst(Float.NaN);
    given.run(new TileWorkspace());

    int ofView = given.outputs().length / 3;
    assertThat(given.outputs()[0]).isNaN();
    assertThat(Arrays.copyOfRange(given.outputs(), ofView, 3 * ofView)).doesNotContain(Float.NaN);
    assertThat(given.weightGradient()).contains(Float.NaN);
  }

  @Test
  void suitsThreeByThreeWithStrideOneAlone() {
    assertThat(WinogradConvolution.suits(64, 128, 3, 1, 1)).isTrue();
    assertThat(WinogradConvolution.suits(64, 128, 3, 2, 1)).isFalse();
    assertThat(WinogradConvolution.suits(64, 128, 3, 1, 0)).isFalse();
    assertThat(WinogradConvolution.suits(64, 128, 1, 1, 0)).isFalse();
    assertThat(WinogradConvolution.suits(16, 128, 3, 1, 1)).isFalse();
    assertThat(WinogradConvolution.suits(64, 40, 3, 1, 1)).isFalse();
    assertThat(WinogradConvolution.suits(2048, 2048, 3, 1, 1)).isFalse();
  }
}
