package org.simclrspark.driver.config;

import java.util.List;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

/**
 * The encoder f, a ResNet.
 *
 * @param depth layers: 18, 34, 50 or 101
 * @param width multiplier of every layer's channels
 * @param stem how the first layers reduce the image
 * @param norm what normalises activations
 * @param zeroInitLastNorm whether the last norm of each residual block starts at zero
 * @param initialization what initial weights are drawn from
 */
public record EncoderConfig(
    int depth,
    double width,
    Stem stem,
    Norm norm,
    boolean zeroInitLastNorm,
    Initialization initialization) {

  private static final List<Integer> DEPTHS = List.of(18, 34, 50, 101);

  static EncoderConfig read(Section section) {
    return new EncoderConfig(
        section.integerOf("depth", DEPTHS),
        section.real("width", Range.between(0.0625, 8)),
        section.choice("stem", Stem.class),
        section.choice("norm", Norm.class),
        section.flag("zero-init-last-norm"),
        section.choice("initialization", Initialization.class));
  }
}
