package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.simclrspark.driver.config.EvaluateConfig.Knn;

/**
 * A weighted k-nearest-neighbour classifier on cosine similarity: the class of a query is voted for
 * by its k most similar training images, each with weight exp(similarity / temperature) (Wu et al.
 * 2018, <i>Unsupervised Feature Learning via Non-Parametric Instance Discrimination</i>, section
 * 3.4).
 *
 * <p>Queries are spread over Spark tasks in blocks; the training rows reach them by broadcast, in
 * parts of bounded size. Predictions depend on the vectors alone: not on the order of training
 * rows, the number of executors or the sizes of blocks and parts.
 */
public final class NearestNeighbours {

  private static final int QUERIES_IN_TASK = 512;
  private static final int QUERIES_IN_SUBSET = 64;
  private static final int BYTES_IN_PART = 128 << 20;

  private final JavaSparkContext spark;
  private final Knn settings;
  private final int bytesInPart;

  /**
   * What came out.
   *
   * @param predictions class indices, [queries]
   * @param accuracy fraction of queries whose class was predicted, in [0, 1]
   * @param neighbours k as it was used: at most the number of training images
   */
  public record Result(int[] predictions, double accuracy, int neighbours) {}

  public NearestNeighbours(JavaSparkContext spark, Knn settings) {
    this(spark, settings, BYTES_IN_PART);
  }

  NearestNeighbours(JavaSparkContext spark, Knn settings, int bytesInPart) {
    this.spark = spark;
    this.settings = settings;
    this.bytesInPart = bytesInPart;
  }

  /**
   * Predicts the class of every test row.
   *
   * @param train labelled, with the same size of rows as {@code test}
   * @param test labelled
   * @throws org.simclrspark.data.DataException if a label is missing or a table is empty
   * @throws IllegalStateException if a value is not finite
   */
  public Result classify(Vectors train, Vectors test) {
    if (train.size() != test.size()) {
      throw new IllegalArgumentException(
          "Training and test rows must have the same size, found "
              + train.size()
              + " and "
              + test.size());
    }
    int classes = Math.max(Labels.classes(train, "training"), Labels.classes(test, "test"));
    int k = Math.min(settings.k(), train.count());
    int[] predictions = new int[test.count()];
    int part = rowsInPart(train.size());
    for (int from = 0; from < test.count(); from += part) {
      int to = Math.min(test.count(), from + part);
      Neighbours[] nearest = nearest(train, test, from, to, k);
      for (int query = from; query < to; query++) {
        predictions[query] = nearest[query - from].vote(settings.temperature(), classes);
      }
    }
    return new Result(predictions, accuracy(predictions, test), k);
  }

  private Neighbours[] nearest(Vectors train, Vectors test, int from, int to, int k) {
    Neighbours[] nearest = new Neighbours[to - from];
    for (int query = 0; query < nearest.length; query++) {
      nearest[query] = new Neighbours(k);
    }
    Broadcast<PackedRows> queries =
        spark.broadcast(PackedRows.of(test, from, to, Similarities.QUERIES));
    int part = rowsInPart(train.size());
    for (int start = 0; start < train.count(); start += part) {
      int end = Math.min(train.count(), start + part);
      Broadcast<Part> rows = spark.broadcast(Part.of(train, start, end));
      for (Block block : search(queries, rows, nearest.length, k)) {
        for (int i = 0; i < block.nearest.length; i++) {
          nearest[block.firstQuery + i].offerAll(block.nearest[i]);
        }
      }
      rows.destroy();
    }
    queries.destroy();
    return nearest;
  }

  private List<Block> search(
      Broadcast<PackedRows> queries, Broadcast<Part> rows, int queryCount, int k) {
    int blocks = (queryCount + QUERIES_IN_TASK - 1) / QUERIES_IN_TASK;
    return spark
        .parallelize(IntStream.range(0, blocks).boxed().toList(), blocks)
        .map(block -> search(queries.value(), rows.value(), block * QUERIES_IN_TASK, k))
        .collect();
  }

  /** Spark gives a task several cores, which its parts share. */
  private static Block search(PackedRows queries, Part part, int firstQuery, int k) {
    Neighbours[] nearest = new Neighbours[Math.min(QUERIES_IN_TASK, queries.count() - firstQuery)];
    int subsets = (nearest.length + QUERIES_IN_SUBSET - 1) / QUERIES_IN_SUBSET;
    IntStream.range(0, subsets)
        .parallel()
        .forEach(
            subset -> {
              int from = subset * QUERIES_IN_SUBSET;
              int to = Math.min(nearest.length, from + QUERIES_IN_SUBSET);
              search(queries, part, firstQuery, k, nearest, from, to);
            });
    return new Block(firstQuery, nearest);
  }

  private static void search(
      PackedRows queries,
      Part part,
      int firstQuery,
      int k,
      Neighbours[] nearest,
      int from,
      int to) {
    PackedRows rows = part.rows;
    for (int query = from; query < to; query++) {
      nearest[query] = new Neighbours(Math.min(k, rows.count()));
    }
    float[] products = new float[Similarities.QUERIES * Similarities.ROWS];
    for (int first = 0; first < rows.count(); first += Similarities.ROWS) {
      int rowCount = Math.min(Similarities.ROWS, rows.count() - first);
      for (int query = from; query < to; query += Similarities.QUERIES) {
        Similarities.tile(
            queries.values(),
            queries.groupOffset((firstQuery + query) / Similarities.QUERIES),
            rows.values(),
            rows.groupOffset(first / Similarities.ROWS),
            rows.size(),
            products);
        for (int q = 0; q < Math.min(Similarities.QUERIES, to - query); q++) {
          for (int r = 0; r < rowCount; r++) {
            nearest[query + q].offer(
                products[q * Similarities.ROWS + r], part.ids[first + r], part.labels[first + r]);
          }
        }
      }
    }
  }

  /** A multiple of the rows in a group. */
  private int rowsInPart(int size) {
    int groups = bytesInPart / (Float.BYTES * size * Similarities.ROWS);
    return Math.max(1, groups) * Similarities.ROWS;
  }

  private static double accuracy(int[] predictions, Vectors test) {
    int right = 0;
    for (int i = 0; i < predictions.length; i++) {
      if (predictions[i] == test.label(i)) {
        right++;
      }
    }
    return (double) right / predictions.length;
  }

  /** Some of the training rows. */
  private record Part(PackedRows rows, long[] ids, int[] labels) implements Serializable {

    static Part of(Vectors train, int start, int end) {
      return new Part(
          PackedRows.of(train, start, end, Similarities.ROWS),
          IntStream.range(start, end).mapToLong(train::id).toArray(),
          IntStream.range(start, end).map(train::label).toArray());
    }
  }

  /** Neighbours of a task's queries. */
  private record Block(int firstQuery, Neighbours[] nearest) implements Serializable {}
}
