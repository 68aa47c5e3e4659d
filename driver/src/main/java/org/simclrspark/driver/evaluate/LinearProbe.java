package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
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
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.worker.RawFloats;

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
  private final Linear settings;

  public LinearProbe(JavaSparkContext spark, Linear settings) {
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
    Broadcast<Table> trainTable = spark.broadcast(Table.of(train));
    Broadcast<Table> testTable = spark.broadcast(Table.of(test));
    Dataset<Row> trainRows = session.createDataFrame(rows(trainTable), SCHEMA);
    trainRows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      LogisticRegressionModel model =
          new LogisticRegression()
              .setFamily("multinomial")
              .setMaxIter(settings.iterations())
              .setRegParam(settings.regularisation())
              .setStandardization(true)
              .fit(trainRows);
      Dataset<Row> testRows = session.createDataFrame(rows(testTable), SCHEMA);
      long right = model.transform(testRows).filter("prediction = label").count();
      return (double) right / test.count();
    } finally {
      trainRows.unpersist(true);
      trainTable.destroy();
      testTable.destroy();
    }
  }

  private JavaRDD<Row> rows(Broadcast<Table> table) {
    int count = table.value().labels().length;
    int partitions = (count + ROWS_IN_PARTITION - 1) / ROWS_IN_PARTITION;
    return spark
        .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions)
        .flatMap(
            partition -> {
              int from = partition * ROWS_IN_PARTITION;
              int to = Math.min(count, from + ROWS_IN_PARTITION);
              return IntStream.range(from, to).mapToObj(table.value()::row).iterator();
            });
  }

  /** All rows in compact form. */
  private record Table(int[] labels, RawFloats values) implements Serializable {

    static Table of(Vectors vectors) {
      float[] values = new float[Math.multiplyExact(vectors.count(), vectors.size())];
      for (int row = 0; row < vectors.count(); row++) {
        vectors.copy(row, values, row * vectors.size());
      }
      return new Table(
          IntStream.range(0, vectors.count()).map(vectors::label).toArray(), new RawFloats(values));
    }

    Row row(int row) {
      double[] vector = new double[values.values().length / labels.length];
      for (int i = 0; i < vector.length; i++) {
        vector[i] = values.values()[row * vector.length + i];
      }
      return RowFactory.create((double) labels[row], new DenseVector(vector));
    }
  }
}
