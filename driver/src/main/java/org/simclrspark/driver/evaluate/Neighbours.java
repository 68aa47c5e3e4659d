package org.simclrspark.driver.evaluate;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The k most similar training images so far of each of some queries. Of two that are equally
 * similar the one with the smaller id is nearer, so that the result does not depend on the order of
 * offers.
 */
final class Neighbours implements Serializable {

  private static final long serialVersionUID = 1;

  private transient int capacity;
  private transient int[] counts;

  /** [queries, capacity], a binary heap a query with the farthest neighbour at its root. */
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

  private void allocate(int queries, int capacity) {
    this.capacity = capacity;
    counts = new int[queries];
    similarities = new float[Math.multiplyExact(queries, capacity)];
    ids = new long[similarities.length];
    labels = new int[similarities.length];
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
    int row = 0;
    for (; row < rows && counts[query] < capacity; row++) {
      offer(query, products.get(from + row), block.id(row), block.label(row));
    }
    int root = query * capacity;
    float least = similarities[root];
    for (; row < rows; row++) {
      if (products.get(from + row) >= least) {
        offer(query, products.get(from + row), block.id(row), block.label(row));
        least = similarities[root];
      }
    }
  }

  /** Takes a training image in if it is among the nearest. */
  void offer(int query, float similarity, long id, int label) {
    int start = query * capacity;
    int count = counts[query];
    if (count < capacity) {
      counts[query]++;
      rise(start, count, similarity, id, label);
    } else if (nearer(similarity, id, similarities[start], ids[start])) {
      sink(start, count, similarity, id, label);
    }
  }

  /** Takes in all neighbours of the same queries among other training images. */
  Neighbours merge(Neighbours others) {
    for (int query = 0; query < counts.length; query++) {
      int start = query * others.capacity;
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
    int start = query * capacity;
    int[] nearestFirst =
        IntStream.range(start, start + counts[query])
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(i -> -similarities[i])
                    .thenComparingLong(i -> ids[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] votes = new double[classes];
    for (int i : nearestFirst) {
      // Relative to the nearest, so that a small temperature cannot overflow.
      votes[labels[i]] += Math.exp((similarities[i] - similarities[nearestFirst[0]]) / temperature);
    }
    int winner = 0;
    for (int c = 1; c < classes; c++) {
      if (votes[c] > votes[winner]) {
        winner = c;
      }
    }
    return winner;
  }

  private static boolean nearer(float similarity, long id, float otherSimilarity, long otherId) {
    return similarity > otherSimilarity || (similarity == otherSimilarity && id < otherId);
  }

  /** Whether an entry is nearer than the heap's i-th. */
  private boolean nearerThan(float similarity, long id, int i) {
    return nearer(similarity, id, similarities[i], ids[i]);
  }

  /** Puts an entry at the end of a heap of {@code count} and lets it rise. */
  private void rise(int start, int count, float similarity, long id, int label) {
    int i = count;
    while (i > 0 && !nearerThan(similarity, id, start + (i - 1) / 2)) {
      move(start + (i - 1) / 2, start + i);
      i = (i - 1) / 2;
    }
    set(start + i, similarity, id, label);
  }

  /** Puts an entry in place of the root and lets it sink. */
  private void sink(int start, int count, float similarity, long id, int label) {
    int i = 0;
    while (true) {
      int child = 2 * i + 1;
      if (child >= count) {
        break;
      }
      int other = start + child + 1;
      if (child + 1 < count && !nearerThan(similarities[other], ids[other], start + child)) {
        child++;
      }
      if (!nearerThan(similarity, id, start + child)) {
        break;
      }
      move(start + child, start + i);
      i = child;
    }
    set(start + i, similarity, id, label);
  }

  private void move(int from, int to) {
    set(to, similarities[from], ids[from], labels[from]);
  }

  private void set(int i, float similarity, long id, int label) {
    similarities[i] = similarity;
    ids[i] = id;
    labels[i] = label;
  }

  // Java writes the elements of arrays one by one; here they are one block of bytes.

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.writeInt(counts.length);
    out.writeInt(capacity);
    ByteBuffer bytes = ByteBuffer.allocate(bytes());
    bytes.asIntBuffer().put(counts).put(labels);
    bytes.position((counts.length + labels.length) * Integer.BYTES);
    bytes.asFloatBuffer().put(similarities);
    bytes.position(bytes.position() + similarities.length * Float.BYTES);
    bytes.asLongBuffer().put(ids);
    out.write(bytes.array());
  }

  private void readObject(ObjectInputStream in) throws IOException {
    int queries = in.readInt();
    allocate(queries, in.readInt());
    ByteBuffer bytes = ByteBuffer.allocate(bytes());
    in.readFully(bytes.array());
    bytes.asIntBuffer().get(counts).get(labels);
    bytes.position((counts.length + labels.length) * Integer.BYTES);
    bytes.asFloatBuffer().get(similarities);
    bytes.position(bytes.position() + similarities.length * Float.BYTES);
    bytes.asLongBuffer().get(ids);
  }

  private int bytes() {
    int ofEntry = Integer.BYTES + Float.BYTES + Long.BYTES;
    return Math.addExact(counts.length * Integer.BYTES, Math.multiplyExact(ids.length, ofEntry));
  }
}
