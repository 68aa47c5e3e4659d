package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Multinomial logistic regression on frozen representations, by MLlib: each feature is scaled to
 * unit standard deviation on the training images, L2 applies to the scaled weights, and L-BFGS
 * minimises the mean loss (the linear evaluation protocol of Chen et al. 2020, section 2.2, with a
 * convex solver in place of SGD).
 */
public final class LinearProbe {

  /** Rows in a partition, fixed so that sums do not depend on the cluster. */
  private static final int ROWS_IN_PARTITION = 16_384;

  private static final StructType SCHEMA =
      new StructType()
          .add("label", DataTypes.DoubleType, false)
          .add("features", SQLDataTypes.VectorType(), false);

  private final JavaSparkContext spark;
  private final Settings settings;

  /**
   * How to fit.
   *
   * @param iterations at most, positive
   * @param l2 factor of half the squared norm of the weights, 0 or more
   */
  public record Settings(int iterations, double l2) implements Serializable {

    public Settings {
      if (iterations < 1) {
        throw new IllegalArgumentException(
            "The linear probe's iterations must be positive, found " + iterations);
      }
      if (!(l2 >= 0) || Double.isInfinite(l2)) {
        throw new IllegalArgumentException("The linear probe's L2 must be 0 or more, found " + l2);
      }
    }
  }

  public LinearProbe(JavaSparkContext spark, Settings settings) {
    this.spark = spark;
    this.settings = settings;
  }

  /**
   * Fits on training images and predicts test images.
   *
   * @return the fraction of test images whose class was predicted, in [0, 1]
   * @throws org.simclrspark.data.DataException if a label is missing or a table is empty
   */
  public double accuracy(Vectors train, Vectors test) {
    Labels.classes(train, "training");
    Labels.classes(test, "test");
    SparkSession session = SparkSession.builder().sparkContext(spark.sc()).getOrCreate();
    Dataset<Row> trainRows = session.createDataFrame(rows(train), SCHEMA);
    trainRows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      LogisticRegressionModel model =
          new LogisticRegression()
              .setFamily("multinomial")
              .setMaxIter(settings.iterations())
              .setRegParam(settings.l2())
              .setStandardization(true)
              .fit(trainRows);
      long right =
          model
              .transform(session.createDataFrame(rows(test), SCHEMA))
              .filter("prediction = label")
              .count();
      return (double) right / test.count();
    } finally {
      trainRows.unpersist();
    }
  }

  private JavaRDD<Row> rows(Vectors vectors) {
    int partitions = (vectors.count() + ROWS_IN_PARTITION - 1) / ROWS_IN_PARTITION;
    List<Batch> batches =
        IntStream.range(0, partitions).mapToObj(p -> Batch.of(vectors, p)).toList();
    return spark.parallelize(batches, partitions).flatMap(batch -> batch.rows().iterator());
  }

  /** Consecutive rows in compact form. */
  private record Batch(int[] labels, float[] values) implements Serializable {

    static Batch of(Vectors vectors, int partition) {
      int from = partition * ROWS_IN_PARTITION;
      int to = Math.min(vectors.count(), from + ROWS_IN_PARTITION);
      float[] values = new float[Math.multiplyExact(to - from, vectors.size())];
      for (int row = from; row < to; row++) {
        vectors.copy(row, values, (row - from) * vectors.size());
      }
      return new Batch(IntStream.range(from, to).map(vectors::label).toArray(), values);
    }

    List<Row> rows() {
      int size = values.length / labels.length;
      return IntStream.range(0, labels.length)
          .mapToObj(row -> RowFactory.create((double) labels[row], vector(row * size, size)))
          .toList();
    }

    private DenseVector vector(int offset, int size) {
      double[] vector = new double[size];
      for (int i = 0; i < size; i++) {
        vector[i] = values[offset + i];
      }
      return new DenseVector(vector);
    }
  }
}
