package org.simclrspark.worker.network;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.simclrspark.worker.network.ParameterLayout.Block;

/**
 * Draws the parameters that training starts from, the same for a seed on every machine.
 *
 * <p>Weights are drawn as {@link EncoderSettings.Initialization} says; scales of norms are 1 (0
 * where the settings ask for it), shifts 0. Every block has its own stream, keyed by seed and
 * position.
 */
final class InitialParameters {

  /** Deviation of a standard normal distribution that is cut at two deviations. */
  private static final double DEVIATION_OF_TRUNCATED = 0.87962566103423978;

  private static final double TRUNCATION = 2;

  /** Of the head's dense layers in google-research/simclr, {@code model_util.py}. */
  private static final double HEAD_DEVIATION = 0.01;

  private InitialParameters() {}

  static float[] draw(Network network, long seed) {
    float[] values = new float[network.layout().size()];
    Set<Integer> zero = new HashSet<>();
    network.zeroInitialised().forEach(block -> zero.add(block.offset()));
    for (Block block : network.layout().blocks()) {
      if (block.shape().size() > 1) {
        DoubleSupplier weights =
            switch (network.settings().initialization()) {
              case SIMCLR -> simclr(block, random(block, seed));
              case TORCHVISION -> torchvision(block, random(block, seed));
            };
        for (int i = 0; i < block.length(); i++) {
          values[block.offset() + i] = (float) weights.getAsDouble();
        }
      } else if (block.name().endsWith(".scale") && !zero.contains(block.offset())) {
        Arrays.fill(values, block.offset(), block.offset() + block.length(), 1f);
      }
    }
    return values;
  }

  private static DoubleSupplier simclr(Block weight, SplittableRandom random) {
    DoubleSupplier normal = normal(random);
    if (isDense(weight)) {
      return () -> HEAD_DEVIATION * normal.getAsDouble();
    }
    double deviation = Math.sqrt(1.0 / fanIn(weight)) / DEVIATION_OF_TRUNCATED;
    return () -> {
      double value;
      do {
        value = normal.getAsDouble();
      } while (Math.abs(value) > TRUNCATION);
      return deviation * value;
    };
  }

  private static DoubleSupplier torchvision(Block weight, SplittableRandom random) {
    if (isDense(weight)) {
      double bound = Math.sqrt(1.0 / fanIn(weight));
      return () -> bound * (2 * random.nextDouble() - 1);
    }
    int fanOut = weight.length() / weight.shape().get(1);
    double deviation = Math.sqrt(2.0 / fanOut);
    DoubleSupplier normal = normal(random);
    return () -> deviation * normal.getAsDouble();
  }

  /** Dense weights are [out, in], those of convolutions [out, in, kH, kW]. */
  private static boolean isDense(Block weight) {
    return weight.shape().size() == 2;
  }

  private static int fanIn(Block weight) {
    return weight.length() / weight.shape().get(0);
  }

  private static SplittableRandom random(Block block, long seed) {
    return new SplittableRandom(mix(mix(seed) + block.offset()));
  }

  /** Finaliser of MurmurHash3: streams of neighbouring blocks and seeds share nothing. */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }

  /** Polar method of Marsaglia, with the logarithm and root of StrictMath; a pair at a time. */
  private static DoubleSupplier normal(SplittableRandom random) {
    double[] second = {Double.NaN};
    return () -> {
      double kept = second[0];
      if (!Double.isNaN(kept)) {
        second[0] = Double.NaN;
        return kept;
      }
      double u;
      double v;
      double square;
      do {
        u = 2 * random.nextDouble() - 1;
        v = 2 * random.nextDouble() - 1;
        square = u * u + v * v;
      } while (square >= 1 || square == 0);
      double factor = Math.sqrt(-2 * StrictMath.log(square) / square);
      second[0] = v * factor;
      return u * factor;
    };
  }
}
