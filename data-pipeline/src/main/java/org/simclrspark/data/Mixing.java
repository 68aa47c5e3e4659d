package org.simclrspark.data;

/**
 * A 64-bit mixing function, the base of everything that is random here: a value depends on its key
 * alone, never on how many were drawn before it or by which thread.
 */
public final class Mixing {
  /** 2^64 divided by the golden ratio, the step of SplitMix64 (Steele et al. 2014). */
  public static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private Mixing() {}

  /** The finaliser of SplitMix64, a bijection of the 64-bit integers. */
  public static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A key made of a key and one more value. */
  public static long combine(long key, long value) {
    return mix(mix(key + GOLDEN_GAMMA) + (value + 1) * GOLDEN_GAMMA);
  }
}
