package org.simclrspark.driver.step;

/**
 * A part of one shard's vector: entries {@code from} to {@code to}, without the latter.
 *
 * @param index which part
 * @param shard whose vector
 * @param values hold the part; more than it before it travels, it alone behind
 */
record Slice(int index, int shard, float[] values, int from, int to) {

  int length() {
    return to - from;
  }
}
