package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The k most similar training images of one query so far. Of two that are equally similar the one
 * with the smaller id is nearer, so that the result does not depend on the order of offers.
 */
final class Neighbours implements Serializable {

  private final float[] similarities;
  private final long[] ids;
  private final int[] labels;
  private int count;

  Neighbours(int capacity) {
    similarities = new float[capacity];
    ids = new long[capacity];
    labels = new int[capacity];
  }

  /** Takes a training image in if it is among the nearest. */
  void offer(float similarity, long id, int label) {
    if (count < ids.length) {
      set(count, similarity, id, label);
      rise(count);
      count++;
    } else if (nearer(similarity, id, similarities[0], ids[0])) {
      set(0, similarity, id, label);
      sink();
    }
  }

  /** Takes in all neighbours of the same query among other training images. */
  void offerAll(Neighbours others) {
    for (int i = 0; i < others.count; i++) {
      offer(others.similarities[i], others.ids[i], others.labels[i]);
    }
  }

  /**
   * The class with the largest sum of weights exp(similarity / temperature) over its neighbours (Wu
   * et al. 2018, section 3.4); the smaller class index if two are equal.
   */
  int vote(double temperature, int classes) {
    int[] nearestFirst =
        IntStream.range(0, count)
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

  private void set(int i, float similarity, long id, int label) {
    similarities[i] = similarity;
    ids[i] = id;
    labels[i] = label;
  }

  // A binary heap with the farthest neighbour at its root.

  private void rise(int start) {
    int i = start;
    while (i > 0 && farther(i, (i - 1) / 2)) {
      swap(i, (i - 1) / 2);
      i = (i - 1) / 2;
    }
  }

  private void sink() {
    int i = 0;
    while (true) {
      int child = 2 * i + 1;
      if (child >= count) {
        return;
      }
      if (child + 1 < count && farther(child + 1, child)) {
        child++;
      }
      if (!farther(child, i)) {
        return;
      }
      swap(child, i);
      i = child;
    }
  }

  private boolean farther(int i, int j) {
    return nearer(similarities[j], ids[j], similarities[i], ids[i]);
  }

  private void swap(int i, int j) {
    float similarity = similarities[i];
    long id = ids[i];
    int label = labels[i];
    set(i, similarities[j], ids[j], labels[j]);
    set(j, similarity, id, label);
  }
}
