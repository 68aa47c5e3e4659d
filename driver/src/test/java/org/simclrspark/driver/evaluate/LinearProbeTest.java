package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.EvaluateConfig.Linear;

class LinearProbeTest {

  private static final int CLASSES = 3;
  private static final int SIZE = 4;

  @Test
  void comesCloseToTheBestLinearClassifierOfGaussians() {
    Features train = gaussians(1, 3000, 1);
    Features test = gaussians(2, 3000, 1);

    double accuracy = probe(new Linear(true, 100, 0)).accuracy(train.rows(1000), test.rows(700));

    // With equal spherical covariances the best decision is the nearest mean, which is linear.
    assertThat(accuracy).isCloseTo(nearestMean(test), within(0.01));
  }

  @Test
  void doesNotDependOnTheScaleOfAFeature() {
    double plain =
        probe(new Linear(true, 100, 0.1))
            .accuracy(gaussians(1, 500, 1).rows(200), gaussians(2, 500, 1).rows(200));
    double scaled =
        probe(new Linear(true, 100, 0.1))
            .accuracy(gaussians(1, 500, 1000).rows(200), gaussians(2, 500, 1000).rows(200));

    assertThat(scaled).isCloseTo(plain, within(0.003));
  }

  @Test
  void predictsTheCommonestClassWhenL2LeavesOnlyTheIntercept() {
    Features train = merged(gaussians(1, 300, 1), 1);
    Features test = merged(gaussians(2, 300, 1), 1);
    long ofClassOne = IntStream.of(test.labels()).filter(label -> label == 1).count();

    assertThat(probe(new Linear(true, 100, 10)).accuracy(train.rows(1000), test.rows(700)))
        .isEqualTo(ofClassOne / 300.0);
  }

  /** With L2 the minimum is unique, and MLlib's solver ends near it. */
  @Test
  void findsTheClassifierOfMllib() {
    // MLlib would load a BLAS of the system's, which does not go together with another OpenBLAS.
    System.setProperty("dev.ludovic.netlib.blas.nativeLib", "none");
    Features train = gaussians(1, 2000, 7);
    double regularisation = 0.01;
    List<Row> table =
        IntStream.range(0, train.count())
            .mapToObj(
                row ->
                    RowFactory.create(
                        (double) train.labels()[row],
                        Vectors.dense(
                            IntStream.range(row * SIZE, (row + 1) * SIZE)
                                .mapToDouble(i -> train.values()[i])
                                .toArray())))
            .toList();
    LogisticRegressionModel theirs =
        new LogisticRegression()
            .setFamily("multinomial")
            .setMaxIter(200)
            .setTol(1e-9)
            .setRegParam(regularisation)
            .fit(
                SparkSession.builder()
                    .sparkContext(LocalSpark.context().sc())
                    .getOrCreate()
                    .createDataFrame(
                        table,
                        new StructType()
                            .add("label", DataTypes.DoubleType, false)
                            .add("features", SQLDataTypes.VectorType(), false)));

    SoftmaxClassifier ours = probe(new Linear(true, 200, regularisation)).fit(train.rows(300));

    for (int c = 0; c < CLASSES; c++) {
      double bias = ours.biases()[c];
      for (int i = 0; i < SIZE; i++) {
        double weight = ours.weights().values()[c * SIZE + i] * ours.scale().inverses()[i];
        bias -= weight * ours.scale().means()[i];
        assertThat(weight).isCloseTo(theirs.coefficientMatrix().apply(c, i), within(2e-4));
      }
      // Biases are free up to one number that is added to all.
      assertThat(bias - biasOf(ours, 0))
          .isCloseTo(
              theirs.interceptVector().apply(c) - theirs.interceptVector().apply(0), within(1e-3));
    }
  }

  private static double biasOf(SoftmaxClassifier classifier, int c) {
    double bias = classifier.biases()[c];
    for (int i = 0; i < SIZE; i++) {
      bias -=
          classifier.weights().values()[c * SIZE + i]
              * classifier.scale().inverses()[i]
              * classifier.scale().means()[i];
    }
    return bias;
  }

  @Test
  void hasTheSameBitsWhereverBlocksLieAndOnAnyNumberOfThreads() {
    Rows rows = gaussians(1, 4000, 1000).rows(700);
    List<RowBlock> reversed =
        new ArrayList<>(rows.blocks().map(block -> (RowBlock) block).collect());
    Collections.reverse(reversed);
    Rows turned = new Rows(LocalSpark.context().parallelize(reversed, 3), 4000, SIZE);
    Linear settings = new Linear(true, 10, 1e-3);

    SoftmaxClassifier here = probe(settings).fit(rows);
    for (int threads = 1; threads <= 2; threads++) {
      SoftmaxClassifier there =
          new LinearProbe(LocalSpark.context(), settings, CLASSES, threads, 0).fit(turned);
      assertThat(there.weights().values()).containsExactly(here.weights().values());
      assertThat(there.biases()).containsExactly(here.biases());
    }
  }

  @Test
  void leavesOutAFeatureThatIsAlwaysTheSame() {
    Features train = gaussians(1, 1000, 0);

    SoftmaxClassifier found = probe(new Linear(true, 50, 0)).fit(train.rows(400));

    for (int c = 0; c < CLASSES; c++) {
      assertThat(found.weights().values()[c * SIZE]).isZero();
    }
    assertThat(probe(new Linear(true, 50, 0)).accuracy(train.rows(400), train.rows(400)))
        .isGreaterThan(0.6);
  }

  @Test
  void namesDivergenceWhereARepresentationIsNotFinite() {
    Features train = gaussians(1, 100, 1);
    train.values()[17] = Float.NaN;

    assertThatThrownBy(() -> probe(new Linear(true, 50, 0)).fit(train.rows(40)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("training has diverged");
  }

  private static LinearProbe probe(Linear settings) {
    return new LinearProbe(LocalSpark.context(), settings, CLASSES, 1);
  }

  /** Puts class 2 into another one, which then has two thirds of the rows. */
  private static Features merged(Features features, int into) {
    int[] labels = IntStream.of(features.labels()).map(label -> Math.min(label, into)).toArray();
    return new Features(features.ids(), labels, features.values(), features.size());
  }

  private static double mean(int label, int feature) {
    return label == feature ? 1.5 : 0;
  }

  private static Features gaussians(long seed, int count, float firstScale) {
    Random random = new Random(seed);
    int[] labels = random.ints(count, 0, CLASSES).toArray();
    float[] values = new float[count * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() + mean(labels[i / SIZE], i % SIZE));
      values[i] *= i % SIZE == 0 ? firstScale : 1;
    }
    return new Features(
        IntStream.range(0, count).mapToLong(i -> i).toArray(), labels, values, SIZE);
  }

  private static double nearestMean(Features features) {
    int right = 0;
    for (int row = 0; row < features.count(); row++) {
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < CLASSES; c++) {
        double distance = 0;
        for (int j = 0; j < SIZE; j++) {
          distance += Math.pow(features.values()[row * SIZE + j] - mean(c, j), 2);
        }
        if (distance < least) {
          least = distance;
          best = c;
        }
      }
      right += best == features.labels()[row] ? 1 : 0;
    }
    return (double) right / features.count();
  }
}
