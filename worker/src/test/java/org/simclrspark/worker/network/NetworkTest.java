package org.simclrspark.worker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

class NetworkTest {

  private static EncoderSettings settings(int depth, double width, boolean zeroInit) {
    return settings(depth, width, zeroInit, Initialization.SIMCLR);
  }

  private static EncoderSettings settings(
      int depth, double width, boolean zeroInit, Initialization initialization) {
    return new EncoderSettings(
        depth, width, Stem.IMAGENET, Norm.BATCH, 224, zeroInit, initialization, 2, 512, 128);
  }

  /** Published counts of torchvision's models, less their classifiers of 1,000 classes. */
  @ParameterizedTest
  @CsvSource({
    "18, 11689512, 512",
    "34, 21797672, 512",
    "50, 25557032, 2048",
    "101, 44549160, 2048"
  })
  void encoderHasThePublishedParameterCount(int depth, int published, int features) {
    Network network = new Network(settings(depth, 1, false));
    int classifier = features * 1000 + 1000;
    int encoder =
        network.layout().blocks().stream()
            .filter(block -> !block.name().startsWith("projection"))
            .mapToInt(ParameterLayout.Block::length)
            .sum();
    assertThat(encoder).isEqualTo(published - classifier);
    assertThat(network.features().channels()).isEqualTo(features);
  }

  @Test
  void widthMultipliesChannels() {
    Network network = new Network(settings(50, 2, false));
    assertThat(network.features().channels()).isEqualTo(4096);
    // 94 M for ResNet-50 (2x), Chen et al. 2020, table 1 of SimCLRv2.
    assertThat(network.layout().size() / 1e6).isBetween(93.0, 97.0);
  }

  @Test
  void headFollowsThePaper() {
    assertThat(new Network(settings(18, 1, false)).layout().blocks())
        .extracting(ParameterLayout.Block::name)
        .filteredOn(name -> name.startsWith("projection"))
        .containsExactly(
            "projection.layer1.weight",
            "projection.layer1.norm.scale",
            "projection.layer1.norm.shift",
            "projection.layer2.weight",
            "projection.layer2.norm.scale");
  }

  @Test
  void onlyWeightsAreAdapted() {
    for (ParameterLayout.Block block : new Network(settings(50, 1, false)).layout().blocks()) {
      assertThat(block.adapted()).isEqualTo(block.name().endsWith(".weight"));
    }
  }

  /**
   * Mean, variance, fourth moment and extent of each weight, against the distributions that the
   * published programs name; five standard errors.
   */
  @ParameterizedTest
  @EnumSource
  void initialWeightsFollowTheirSource(Initialization initialization) {
    Network network = new Network(settings(18, 1, true, initialization));
    float[] values = network.initialParameters(7);
    for (ParameterLayout.Block block : network.layout().blocks()) {
      int length = block.length();
      if (!block.name().endsWith(".weight")) {
        boolean zero = block.name().endsWith("shift") || block.name().contains(".conv2.norm");
        for (int i = block.offset(); i < block.offset() + length; i++) {
          assertThat(values[i]).as(block.name()).isEqualTo(zero ? 0 : 1);
        }
        continue;
      }
      int out = block.shape().get(0);
      int in = block.shape().get(1);
      boolean head = block.name().startsWith("projection");
      // Variance, kurtosis and extent in deviations.
      double[] expected =
          switch (initialization) {
            case SIMCLR ->
                head
                    ? new double[] {1e-4, 3, Double.POSITIVE_INFINITY}
                    // Cut at two: 1 - 4 phi(2) / (2 Phi(2) - 1) is the variance, 0.7737.
                    : new double[] {(double) out / length, 2.3656, 2 / Math.sqrt(0.77374)};
            case TORCHVISION ->
                head
                    ? new double[] {1.0 / in / 3, 1.8, Math.sqrt(3)}
                    : new double[] {2.0 * in / length, 3, Double.POSITIVE_INFINITY};
          };
      double[] moments = new double[5];
      double deviation = Math.sqrt(expected[0]);
      for (int i = block.offset(); i < block.offset() + length; i++) {
        double value = values[i] / deviation;
        moments[1] += value / length;
        moments[2] += value * value / length;
        moments[4] += Math.pow(value, 4) / length;
        assertThat(Math.abs(value)).as(block.name()).isLessThan(expected[2] * (1 + 1e-4));
      }
      double error = 5 / Math.sqrt(length);
      assertThat(moments[1]).as(block.name()).isBetween(-error, error);
      double ofVariance = error * Math.sqrt(expected[1] - 1);
      assertThat(moments[2]).as(block.name()).isBetween(1 - ofVariance, 1 + ofVariance);
      assertThat(moments[4])
          .as(block.name())
          .isBetween(expected[1] - 10 * error, expected[1] + 10 * error);
    }
  }

  @Test
  void seedsDrawDifferentParametersAndEachTheSame() {
    Network network = new Network(settings(18, 0.25, false));
    assertThat(network.initialParameters(3)).isEqualTo(network.initialParameters(3));
    assertThat(network.initialParameters(3)).isNotEqualTo(network.initialParameters(4));
    // Pinned: a change here breaks every published seed.
    assertThat(network.initialParameters(3)[0]).isEqualTo(PINNED_FIRST);
  }

  @Test
  void unknownDepthIsRefused() {
    assertThatThrownBy(() -> new Network(settings(20, 1, false)))
        .hasMessage("Encoder depth must be 18, 34, 50 or 101, found 20");
  }

  private static final float PINNED_FIRST = 0.011624987f;
}
