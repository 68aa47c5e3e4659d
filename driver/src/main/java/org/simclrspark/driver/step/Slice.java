package org.simclrspark.driver.step;

/**
 * A part of one shard's gradient, or of the statistics behind it: entries {@code from} to {@code
 * to} of an array, without the latter.
 *
 * @param reducer which task sums it
 * @param shard whose vector
 * @param offset of the part in the gradient with the statistics behind it
 * @param values hold the part; more than it before it travels, it alone behind
 */
record Slice(int reducer, int shard, int offset, float[] values, int from, int to) {

  int length() {
    return to - from;
  }
}
