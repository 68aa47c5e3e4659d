package org.simclrspark.worker;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Draws the parameters that training starts from, the same for a seed on every machine.
 *
 * <p>Weights are normal with variance 2 / fan-in (He et al. 2015), scales of norms 1 (0 where the
 * settings ask for it), shifts 0. Every block has its own stream, keyed by seed and position.
 */
final class InitialParameters {

  private InitialParameters() {}

  static float[] draw(Network network, long seed) {
    float[] values = new float[network.layout().size()];
    Set<Integer> zero = new HashSet<>();
    network.zeroInitialised().forEach(block -> zero.add(block.offset()));
    for (ParameterLayout.Block block : network.layout().blocks()) {
      if (block.shape().size() > 1) {
        int fanIn = block.length() / block.shape().get(0);
        normal(values, block, Math.sqrt(2.0 / fanIn), seed);
      } else if (block.name().endsWith(".scale") && !zero.contains(block.offset())) {
        java.util.Arrays.fill(values, block.offset(), block.offset() + block.length(), 1f);
      }
    }
    return values;
  }

  /** Finaliser of MurmurHash3: streams of neighbouring blocks and seeds share nothing. */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }

  /** Polar method of Marsaglia, with the logarithm and root of StrictMath. */
  private static void normal(
      float[] values, ParameterLayout.Block block, double deviation, long seed) {
    SplittableRandom random = new SplittableRandom(mix(mix(seed) + block.offset()));
    for (int i = 0; i < block.length(); i += 2) {
      double u;
      double v;
      double square;
      do {
        u = 2 * random.nextDouble() - 1;
        v = 2 * random.nextDouble() - 1;
        square = u * u + v * v;
      } while (square >= 1 || square == 0);
      double factor = deviation * Math.sqrt(-2 * StrictMath.log(square) / square);
      values[block.offset() + i] = (float) (u * factor);
      if (i + 1 < block.length()) {
        values[block.offset() + i + 1] = (float) (v * factor);
      }
    }
  }
}
