package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.simclrspark.driver.config.EvaluateConfig.Knn;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.onednn.ProductTiles;
import org.simclrspark.worker.shard.RawFloats;
import scala.Tuple2;

/**
 * A weighted k-nearest-neighbour classifier on cosine similarity: the class of a query is voted for
 * by its k most similar training images, each with weight exp(similarity / temperature) (Wu et al.
 * 2018, <i>Unsupervised Feature Learning via Non-Parametric Instance Discrimination</i>, section
 * 3.4).
 *
 * <p>Queries come to the driver and go to the tasks in parts of bounded size; the training rows
 * stay where they are, and a task takes its blocks one after the other against all queries of the
 * part. Predictions depend on the vectors alone: not on the order of training rows, the number of
 * executors or threads, or the sizes of blocks and parts.
 */
final class NearestNeighbours {

  private static final long BYTES_IN_PART = 128L << 20;

  /** A part comes to the driver in so many pieces, which are in memory beside it. */
  private static final int COLLECTIONS_OF_PART = 8;

  private final JavaSparkContext spark;
  private final Knn settings;
  private final int threads;
  private final long bytesInPart;

  /**
   * What came out.
   *
   * @param predictions class numbers, in the order of the test rows
   * @param accuracy fraction of queries whose class was predicted, in [0, 1]
   * @param neighbours k as it was used: at most the number of training images
   */
  record Result(int[] predictions, double accuracy, int neighbours) {}

  /**
   * Makes the classifier.
   *
   * @param threads of a task
   */
  NearestNeighbours(JavaSparkContext spark, Knn settings, int threads) {
    this(spark, settings, threads, BYTES_IN_PART);
  }

  NearestNeighbours(JavaSparkContext spark, Knn settings, int threads, long bytesInPart) {
    this.spark = spark;
    this.settings = settings;
    this.threads = threads;
    this.bytesInPart = bytesInPart;
  }

  /**
   * Predicts the class of every test row.
   *
   * @param train labelled, with the same size of rows as {@code test}
   * @param test labelled
   * @param classes their number; labels are below it
   * @throws IllegalStateException if a value is not finite
   */
  Result classify(Rows train, Rows test, int classes) {
    if (train.size() != test.size()) {
      throw new IllegalArgumentException(
          "Training and test rows must have the same size, found "
              + train.size()
              + " and "
              + test.size());
    }
    int k = (int) Math.min(settings.k(), train.count());
    int[] predictions = new int[Math.toIntExact(test.count())];
    long right = 0;
    int done = 0;
    int capacity = queriesInPart(train.size(), k);
    Part part = new Part((int) Math.min(capacity, test.count()), train.size());
    int blocks = test.blocks().getNumPartitions();
    int together = (int) Math.max(1, (long) blocks * capacity / COLLECTIONS_OF_PART / test.count());
    for (int block = 0; block < blocks; block += together) {
      for (RowBlock rows : collect(test, block, Math.min(blocks, block + together))) {
        for (int row = 0; row < rows.count(); row++) {
          part.add(rows, row);
          if (part.isFull()) {
            right += predict(train, part, k, classes, predictions, done);
            done += part.queries.count();
            part = new Part((int) Math.min(capacity, test.count() - done), train.size());
          }
        }
      }
    }
    if (done != predictions.length) {
      throw new IllegalStateException(
          "There must be " + predictions.length + " test rows, found " + done);
    }
    return new Result(predictions, (double) right / predictions.length, k);
  }

  /** The rows of some partitions, by one job. */
  private static List<RowBlock> collect(Rows rows, int from, int to) {
    List<RowBlock> all = new ArrayList<>();
    for (List<? extends RowBlock> ofPartition :
        rows.blocks().collectPartitions(IntStream.range(from, to).toArray())) {
      all.addAll(ofPartition);
    }
    return all;
  }

  private int queriesInPart(int size, int k) {
    long ofQuery = (long) Float.BYTES * size + Neighbours.bytesOfQuery(k);
    return (int) Math.max(1, Math.min(bytesInPart / ofQuery, 1 << 20));
  }

  /** Writes the predictions of a part from {@code offset} on and returns how many are right. */
  private long predict(Rows train, Part part, int k, int classes, int[] predictions, int offset) {
    Queries queries = part.queries;
    int team = threads;
    double temperature = settings.temperature();
    Broadcast<Queries> shared = spark.broadcast(queries);
    try {
      JavaPairRDD<Integer, Neighbours> nearest =
          train
              .inTasks(spark, threads, (double) train.count() * train.size() * queries.count())
              .mapPartitionsToPair(blocks -> search(blocks, shared.value(), k, team));
      boolean isWhole = nearest.getNumPartitions() == 1;
      List<Tuple2<Integer, int[]>> found =
          (isWhole ? nearest : nearest.reduceByKey(Neighbours::merge))
              .mapValues(neighbours -> votes(neighbours, temperature, classes))
              .collect();
      for (Tuple2<Integer, int[]> tile : found) {
        int first = offset + tile._1() * ProductTiles.QUERIES;
        System.arraycopy(tile._2(), 0, predictions, first, tile._2().length);
      }
    } finally {
      shared.destroy();
    }
    long right = 0;
    for (int i = 0; i < queries.count(); i++) {
      right += predictions[offset + i] == part.labels[i] ? 1 : 0;
    }
    return right;
  }

  /** The neighbours of all queries among a task's blocks, tile by tile. */
  private static Iterator<Tuple2<Integer, Neighbours>> search(
      Iterator<? extends RowBlock> blocks, Queries queries, int k, int threads) {
    int tiles = (queries.count() + ProductTiles.QUERIES - 1) / ProductTiles.QUERIES;
    Neighbours[] nearest = new Neighbours[tiles];
    try (ProductTiles products =
        new ProductTiles(queries, queries.count(), queries.size(), threads, Natives::limitThread)) {
      while (blocks.hasNext()) {
        RowBlock block = blocks.next();
        products.multiply(
            new UnitRows(block),
            block.count(),
            (tile, inTile, values, stride) -> {
              if (nearest[tile] == null) {
                nearest[tile] = new Neighbours(inTile, k);
              }
              for (int query = 0; query < inTile; query++) {
                nearest[tile].offer(query, values, query * stride, block);
              }
            });
      }
    }
    List<Tuple2<Integer, Neighbours>> found = new ArrayList<>();
    for (int tile = 0; tile < tiles; tile++) {
      if (nearest[tile] != null) {
        found.add(new Tuple2<>(tile, nearest[tile]));
      }
    }
    return found.iterator();
  }

  private static int[] votes(Neighbours nearest, double temperature, int classes) {
    return IntStream.range(0, nearest.queries())
        .parallel()
        .map(query -> nearest.vote(query, temperature, classes))
        .toArray();
  }

  /**
   * Unit vectors, [count, size], in pieces: G1 has no room for a large array where a heap is nearly
   * full, since it does not move those that are there.
   */
  private record Queries(RawFloats[] pieces, int inPiece, int count, int size)
      implements ProductTiles.Vectors, Serializable {

    /** Less than half a region of the smallest kind. */
    private static final int FLOATS_OF_PIECE = 96 << 10;

    static Queries room(int count, int size) {
      int inPiece = Math.max(1, FLOATS_OF_PIECE / size);
      RawFloats[] pieces = new RawFloats[(count + inPiece - 1) / inPiece];
      for (int piece = 0; piece < pieces.length; piece++) {
        int rows = Math.min(inPiece, count - piece * inPiece);
        pieces[piece] = new RawFloats(new float[rows * size]);
      }
      return new Queries(pieces, inPiece, count, size);
    }

    void set(int index, float[] vector) {
      System.arraycopy(vector, 0, piece(index), index % inPiece * size, size);
    }

    @Override
    public void copy(int index, float[] target) {
      System.arraycopy(piece(index), index % inPiece * size, target, 0, size);
    }

    private float[] piece(int index) {
      return pieces[index / inPiece].values();
    }
  }

  /** Queries that are searched for together, and their labels. */
  private static final class Part {
    private final float[] row;
    private final int[] labels;
    private final Queries queries;
    private int count;

    Part(int capacity, int size) {
      this.row = new float[size];
      this.labels = new int[capacity];
      this.queries = Queries.room(capacity, size);
    }

    void add(RowBlock block, int index) {
      new UnitRows(block).copy(index, row);
      queries.set(count, row);
      labels[count] = block.label(index);
      count++;
    }

    boolean isFull() {
      return count == labels.length;
    }
  }
}
