package org.simclrspark.data.augment;

import org.simclrspark.data.Mixing;

/**
 * A counter-based random generator: the n-th draw for a purpose is a function of seed, epoch, image
 * id, view, purpose and n, and of nothing else. It is SplitMix64 (Steele et al. 2014) with random
 * access.
 */
final class KeyedRandom {
  private static final int PURPOSES = 32;

  private long key;

  /** Moves to a view. */
  void reset(long seed, int epoch, long id, int view) {
    key = Mixing.combine(Mixing.combine(Mixing.combine(seed, epoch), id), view);
  }

  /** A value in [0, 1) with 53 random bits. */
  double uniform(Purpose purpose, int index) {
    long counter = (long) index * PURPOSES + purpose.ordinal() + 1;
    return (Mixing.mix(key + counter * Mixing.GOLDEN_GAMMA) >>> 11) * 0x1p-53;
  }

  /** A value in [low, high). */
  double uniform(Purpose purpose, int index, double low, double high) {
    return low + uniform(purpose, index) * (high - low);
  }

  /** A whole number in 0 to bound - 1. */
  int below(Purpose purpose, int index, int bound) {
    return (int) (uniform(purpose, index) * bound);
  }

  /** What a number is drawn for. */
  enum Purpose {
    ASPECT,
    EXTENT,
    TOP,
    LEFT,
    FLIP,
    JITTER,
    ORDER,
    BRIGHTNESS,
    CONTRAST,
    SATURATION,
    HUE,
    GRAY,
    BLUR,
    SIGMA
  }
}
