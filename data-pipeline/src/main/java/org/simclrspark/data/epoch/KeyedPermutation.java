package org.simclrspark.data.epoch;

import org.simclrspark.data.Mixing;

/**
 * A permutation of 0..size-1 that a key selects, computed element by element in O(1) memory: a
 * Feistel network over the next power of four, walked along its cycle until it is back in range
 * (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
 */
final class KeyedPermutation {
  private static final int ROUNDS = 8;

  private final long size;
  private final int halfBits;
  private final long halfMask;
  private final long[] roundKeys = new long[ROUNDS];

  KeyedPermutation(long size, long key) {
    if (size < 1) {
      throw new IllegalArgumentException("A permutation needs at least 1 element, found " + size);
    }
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    halfBits = Math.max(1, (bits + 1) / 2);
    halfMask = (1L << halfBits) - 1;
    for (int round = 0; round < ROUNDS; round++) {
      roundKeys[round] = Mixing.combine(key, round);
    }
  }

  long apply(long index) {
    long value = checked(index);
    do {
      value = encrypt(value);
    } while (value >= size);
    return value;
  }

  long invert(long index) {
    long value = checked(index);
    do {
      value = decrypt(value);
    } while (value >= size);
    return value;
  }

  private long checked(long index) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "An index must lie in 0 to " + (size - 1) + ", found " + index);
    }
    return index;
  }

  private long encrypt(long value) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (int round = 0; round < ROUNDS; round++) {
      long next = left ^ (Mixing.mix(roundKeys[round] + right) & halfMask);
      left = right;
      right = next;
    }
    return (left << halfBits) | right;
  }

  private long decrypt(long value) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (int round = ROUNDS - 1; round >= 0; round--) {
      long previous = right ^ (Mixing.mix(roundKeys[round] + left) & halfMask);
      right = left;
      left = previous;
    }
    return (left << halfBits) | right;
  }
}
