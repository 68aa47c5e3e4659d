package org.simclrspark.driver.evaluate;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The k most similar training images so far of each of some queries. Of two that are equally
 * similar the one with the smaller id is nearer, so that the result does not depend on the order of
 * offers.
 *
 * <p>What may be among the nearest is gathered, and the nearest are chosen of it each time its room
 * is full: that takes a few operations an offer, where a heap takes some for each of its levels.
 */
final class Neighbours implements Serializable {

  private static final long serialVersionUID = 1;

  /** Room for more than k, where k is small. */
  private static final int LEAST_SPARE = 32;

  private static final int BYTES_OF_ENTRY = Float.BYTES + Long.BYTES + Integer.BYTES;

  private transient int capacity;
  private transient int room;
  private transient int[] counts;

  /** What an image must reach to be among the nearest, as far as it is known, [queries]. */
  private transient float[] least;

  /** [queries, room], unordered. */
  private transient float[] similarities;

  private transient long[] ids;
  private transient int[] labels;

  /**
   * Makes them empty.
   *
   * @param queries number of queries
   * @param capacity k
   */
  Neighbours(int queries, int capacity) {
    allocate(queries, capacity);
  }

  private void allocate(int queries, int k) {
    capacity = k;
    room = room(k);
    counts = new int[queries];
    least = new float[queries];
    Arrays.fill(least, Float.NEGATIVE_INFINITY);
    similarities = new float[Math.multiplyExact(queries, room)];
    ids = new long[similarities.length];
    labels = new int[similarities.length];
  }

  private static int room(int k) {
    return k + Math.max(k, LEAST_SPARE);
  }

  /** Bytes that a query's neighbours take. */
  static long bytesOfQuery(int k) {
    return (long) room(k) * BYTES_OF_ENTRY;
  }

  /** Number of queries. */
  int queries() {
    return counts.length;
  }

  /**
   * Takes in those of a block's images that are among the nearest.
   *
   * @param products similarities of the block's rows, from {@code from} on
   */
  void offer(int query, FloatBuffer products, int from, RowBlock block) {
    int rows = block.count();
    float bar = least[query];
    for (int row = 0; row < rows; row++) {
      float similarity = products.get(from + row);
      if (similarity >= bar) {
        offer(query, similarity, block.id(row), block.label(row));
        bar = least[query];
      }
    }
  }

  /** Takes a training image in if it may be among the nearest. */
  void offer(int query, float similarity, long id, int label) {
    if (similarity < least[query]) {
      return;
    }
    if (counts[query] == room) {
      choose(query);
    }
    int last = query * room + counts[query]++;
    similarities[last] = similarity;
    ids[last] = id;
    labels[last] = label;
  }

  /** Takes in all neighbours of the same queries among other training images. */
  Neighbours merge(Neighbours others) {
    for (int query = 0; query < counts.length; query++) {
      int start = query * others.room;
      for (int i = start; i < start + others.counts[query]; i++) {
        offer(query, others.similarities[i], others.ids[i], others.labels[i]);
      }
    }
    return this;
  }

  /**
   * The class with the largest sum of weights exp(similarity / temperature) over its neighbours (Wu
   * et al. 2018, section 3.4); the smaller class number if two are equal.
   */
  int vote(int query, double temperature, int classes) {
    choose(query);
    int start = query * room;
    int count = counts[query];
    // Nearest last. The order of those that are equally near, whose weights are equal, is no
    // matter.
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      sorted[i] = (long) ordered(similarities[start + i]) << Integer.SIZE | labels[start + i];
    }
    Arrays.sort(sorted);
    double[] votes = new double[classes];
    float nearest = similarity(sorted[count - 1]);
    for (int i = count - 1; i >= 0; i--) {
      // Relative to the nearest, so that a small temperature cannot overflow.
      votes[(int) sorted[i]] += Math.exp((similarity(sorted[i]) - nearest) / temperature);
    }
    int winner = 0;
    for (int c = 1; c < classes; c++) {
      if (votes[c] > votes[winner]) {
        winner = c;
      }
    }
    return winner;
  }

  /** A number with the order of a float's values, -0 and 0 being one. */
  private static int ordered(float value) {
    int bits = Float.floatToIntBits(value + 0f);
    return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
  }

  private static float similarity(long sorted) {
    int bits = (int) (sorted >> Integer.SIZE);
    return Float.intBitsToFloat(bits < 0 ? bits ^ Integer.MAX_VALUE : bits);
  }

  /** Leaves the k nearest, the farthest of them last (Hoare's selection). */
  private void choose(int query) {
    if (counts[query] <= capacity) {
      return;
    }
    int start = query * room;
    int last = start + capacity - 1;
    int low = start;
    int high = start + counts[query] - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      float similarity = similarities[middle];
      long id = ids[middle];
      int i = low;
      int j = high;
      while (i <= j) {
        while (nearer(similarities[i], ids[i], similarity, id)) {
          i++;
        }
        while (nearer(similarity, id, similarities[j], ids[j])) {
          j--;
        }
        if (i <= j) {
          swap(i++, j--);
        }
      }
      if (last <= j) {
        high = j;
      } else if (last >= i) {
        low = i;
      } else {
        break;
      }
    }
    counts[query] = capacity;
    least[query] = similarities[last];
  }

  private static boolean nearer(float similarity, long id, float otherSimilarity, long otherId) {
    return similarity > otherSimilarity || (similarity == otherSimilarity && id < otherId);
  }

  private void swap(int i, int j) {
    float similarity = similarities[i];
    similarities[i] = similarities[j];
    similarities[j] = similarity;
    long id = ids[i];
    ids[i] = ids[j];
    ids[j] = id;
    int label = labels[i];
    labels[i] = labels[j];
    labels[j] = label;
  }

  // Java writes the elements of arrays one by one; here they are one block of bytes.

  private void writeObject(ObjectOutputStream out) throws IOException {
    int entries = 0;
    for (int query = 0; query < counts.length; query++) {
      choose(query);
      entries += counts[query];
    }
    out.writeInt(counts.length);
    out.writeInt(capacity);
    out.writeInt(entries);
    ByteBuffer bytes = ByteBuffer.allocate(bytes(counts.length, entries));
    for (int query = 0; query < counts.length; query++) {
      bytes.putInt(counts[query]);
      for (int i = query * room; i < query * room + counts[query]; i++) {
        bytes.putFloat(similarities[i]).putLong(ids[i]).putInt(labels[i]);
      }
    }
    out.write(bytes.array());
  }

  private void readObject(ObjectInputStream in) throws IOException {
    int queries = in.readInt();
    allocate(queries, in.readInt());
    ByteBuffer bytes = ByteBuffer.allocate(bytes(queries, in.readInt()));
    in.readFully(bytes.array());
    for (int query = 0; query < queries; query++) {
      int count = bytes.getInt();
      for (int i = 0; i < count; i++) {
        offer(query, bytes.getFloat(), bytes.getLong(), bytes.getInt());
      }
    }
  }

  private static int bytes(int queries, int entries) {
    return Math.addExact(queries * Integer.BYTES, Math.multiplyExact(entries, BYTES_OF_ENTRY));
  }
}
