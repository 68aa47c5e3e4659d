package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;

class NetworkTest {

  private static EncoderSettings settings(int depth, double width, boolean zeroInit) {
    return new EncoderSettings(depth, width, Stem.IMAGENET, Norm.BATCH, 224, zeroInit, 2, 512, 128);
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

  @Test
  void initialWeightsHaveTheVarianceOfHe() {
    Network network = new Network(settings(18, 1, true));
    float[] values = network.initialParameters(7);
    for (ParameterLayout.Block block : network.layout().blocks()) {
      double sum = 0;
      double squares = 0;
      for (int i = block.offset(); i < block.offset() + block.length(); i++) {
        sum += values[i];
        squares += (double) values[i] * values[i];
      }
      double mean = sum / block.length();
      if (block.name().endsWith(".weight")) {
        double expected = 2.0 * block.shape().get(0) / block.length();
        double deviation = 5 * Math.sqrt(2.0 / block.length());
        assertThat(squares / block.length() / expected)
            .as(block.name())
            .isBetween(1 - deviation, 1 + deviation);
      } else {
        boolean zero = block.name().endsWith("shift") || block.name().contains(".conv2.norm");
        assertThat(mean).as(block.name()).isEqualTo(zero ? 0 : 1);
      }
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

  private static final float PINNED_FIRST = 0.014461234f;
}
