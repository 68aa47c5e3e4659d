package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.worker.machine.Natives;

/**
 * Multinomial logistic regression on frozen representations, by MLlib: each feature is scaled to
 * unit standard deviation on the training images, L2 applies to the scaled weights, and L-BFGS
 * minimises the mean loss (the linear evaluation protocol of Chen et al. 2020, section 2.2, with a
 * convex solver in place of SGD).
 *
 * <p>Where the training images take more than one partition (256 MiB of double precision), MLlib
 * sums the partitions' gradients in the order in which they arrive: the last bits of the
 * coefficients, and now and then a prediction, are then not the same each time.
 */
final class LinearProbe {

  /** Bytes of a partition, so few that it fits in memory: each hands over a whole gradient. */
  private static final double BYTES_IN_PARTITION = 256 << 20;

  /**
   * MiB of a block of MLlib's, which is an array. G1 gives one of more than half a region, 1 MiB in
   * a heap of 2 GiB, regions of its own: one of exactly 1 MiB, MLlib's default, would take two.
   */
  private static final double BLOCK_MEBIBYTES = 0.9;

  private static final StructType SCHEMA =
      new StructType()
          .add("label", DataTypes.DoubleType, false)
          .add("features", SQLDataTypes.VectorType(), false);

  private final JavaSparkContext spark;
  private final Linear settings;
  private final int threads;

  /**
   * Makes the probe.
   *
   * @param threads of the BLAS in a task
   */
  LinearProbe(JavaSparkContext spark, Linear settings, int threads) {
    this.spark = spark;
    this.settings = settings;
    this.threads = threads;
  }

  /**
   * Fits on training images and predicts test images.
   *
   * @return the fraction of test images whose class was predicted, in [0, 1]
   */
  double accuracy(Rows train, Rows test) {
    Natives.prepareBlas(threads);
    LogisticRegressionModel model =
        new LogisticRegression()
            .setFamily("multinomial")
            .setMaxIter(settings.iterations())
            .setRegParam(settings.regularisation())
            .setStandardization(true)
            .setMaxBlockSizeInMB(BLOCK_MEBIBYTES)
            .fit(table(train));
    // Tens of MB where there are 1,000 classes: too much for a task's own message.
    Broadcast<Classifier> classifier =
        spark.broadcast(
            new Classifier(
                model.coefficientMatrix().toDense(), model.interceptVector().toArray(), threads));
    try {
      long right = test.blocks().map(block -> classifier.value().right(block)).fold(0L, Long::sum);
      return (double) right / test.count();
    } finally {
      classifier.destroy();
    }
  }

  /**
   * Predicts classes by matrix products: MLlib multiplies vector by vector, which takes longer than
   * fitting where there are 1,000 classes.
   *
   * @param coefficients [classes, size]
   */
  private record Classifier(DenseMatrix coefficients, double[] intercepts, int threads)
      implements Serializable {

    private static final int ROWS_AT_ONCE = 512;

    /** The number of rows whose class is predicted. */
    long right(RowBlock block) {
      Natives.prepareBlas(threads);
      int size = block.size();
      float[] row = new float[size];
      long right = 0;
      for (int from = 0; from < block.count(); from += ROWS_AT_ONCE) {
        int count = Math.min(ROWS_AT_ONCE, block.count() - from);
        double[] rows = new double[count * size];
        for (int i = 0; i < count; i++) {
          block.copy(from + i, row);
          toDoubles(row, rows, i * size);
        }
        double[] logits = coefficients.multiply(new DenseMatrix(size, count, rows)).values();
        for (int i = 0; i < count; i++) {
          right += best(logits, i * intercepts.length) == block.label(from + i) ? 1 : 0;
        }
      }
      return right;
    }

    private int best(double[] logits, int from) {
      int best = 0;
      for (int c = 1; c < intercepts.length; c++) {
        if (logits[from + c] + intercepts[c] > logits[from + best] + intercepts[best]) {
          best = c;
        }
      }
      return best;
    }
  }

  private Dataset<Row> table(Rows rows) {
    double bytes = (double) rows.count() * rows.size() * Double.BYTES;
    int partitions = (int) Math.max(1, Math.ceil(bytes / BYTES_IN_PARTITION));
    int ofBlas = threads;
    JavaRDD<Row> all =
        ConsecutivePartitions.merge(rows.blocks().map(block -> (RowBlock) block), partitions)
            .mapPartitions(blocks -> rows(blocks, ofBlas));
    return SparkSession.builder()
        .sparkContext(spark.sc())
        .getOrCreate()
        .createDataFrame(all, SCHEMA);
  }

  private static Iterator<Row> rows(Iterator<RowBlock> blocks, int threads) {
    Natives.prepareBlas(threads);
    Iterable<RowBlock> all = () -> blocks;
    return StreamSupport.stream(all.spliterator(), false)
        .flatMap(block -> IntStream.range(0, block.count()).mapToObj(row -> row(block, row)))
        .iterator();
  }

  private static Row row(RowBlock block, int row) {
    float[] values = new float[block.size()];
    block.copy(row, values);
    double[] vector = new double[values.length];
    toDoubles(values, vector, 0);
    return RowFactory.create((double) block.label(row), new DenseVector(vector));
  }

  private static void toDoubles(float[] values, double[] to, int at) {
    for (int i = 0; i < values.length; i++) {
      to[at + i] = values[i];
    }
  }
}
