package org.simclrspark.driver.evaluate;

import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.worker.onednn.SoftmaxTiles;

/**
 * Multinomial logistic regression on frozen representations, as MLlib defines it: each feature is
 * scaled to unit standard deviation on the training images, L2 applies to the scaled weights, and
 * L-BFGS minimises the mean loss (the linear evaluation protocol of Chen et al. 2020, section 2.2,
 * with a convex solver in place of SGD).
 *
 * <p>MLlib's own would keep a second copy of all features, in double precision, and add the
 * gradients of partitions as they arrive; here the classifier has the same bits on every cluster.
 */
final class LinearProbe {

  private final JavaSparkContext spark;
  private final Linear settings;
  private final int classes;
  private final int threads;
  private final long bytesOnDriver;

  /**
   * Makes the probe.
   *
   * @param classes their number; labels are below it
   * @param threads of a task
   */
  LinearProbe(JavaSparkContext spark, Linear settings, int classes, int threads) {
    this(spark, settings, classes, threads, RowPasses.BYTES_ON_DRIVER);
  }

  LinearProbe(
      JavaSparkContext spark, Linear settings, int classes, int threads, long bytesOnDriver) {
    this.spark = spark;
    this.settings = settings;
    this.classes = classes;
    this.threads = threads;
    this.bytesOnDriver = bytesOnDriver;
  }

  /**
   * Fits on training images and predicts test images.
   *
   * @return the fraction of test images whose class was predicted, in [0, 1]
   */
  double accuracy(Rows train, Rows test) {
    return accuracies(train, test, settings.regularisation())[0];
  }

  /** As {@link #accuracy}, for each of some weights of L2: images are measured once for all. */
  double[] accuracies(Rows train, Rows test, double... regularisations) {
    Images images = measured(train);
    RowPasses tested = passes(test);
    int ofTask = threads;
    return Arrays.stream(regularisations)
        .map(
            regularisation -> {
              SoftmaxClassifier found = fit(images, regularisation);
              long right =
                  tested.reduce(
                      found, (blocks, fitted) -> right(blocks, fitted, ofTask), Long::sum);
              return (double) right / test.count();
            })
        .toArray();
  }

  /** The classifier that L-BFGS ends with. */
  SoftmaxClassifier fit(Rows train) {
    return fit(measured(train), settings.regularisation());
  }

  /** Training images, their scale, and where the search starts. */
  private record Images(RowPasses rows, long count, FeatureScale scale, double[] start) {}

  private Images measured(Rows train) {
    RowPasses rows = passes(train);
    FeatureScale scale = FeatureScale.of(rows, train.count(), train.size());
    return new Images(rows, train.count(), scale, start(train));
  }

  private SoftmaxClassifier fit(Images images, double regularisation) {
    SoftmaxRegression loss =
        new SoftmaxRegression(
            images.rows(), images.count(), images.scale(), classes, regularisation, threads);
    double[] found = new Lbfgs(settings.iterations(), loss).minimise(images.start()).at();
    return SoftmaxClassifier.of(found, classes, images.scale());
  }

  /** Weights of zero, and biases that give each class about its frequency. */
  private double[] start(Rows train) {
    double[] parameters = new double[classes * (train.size() + 1)];
    long[] counts = train.labelCounts(classes);
    double mean = Arrays.stream(counts).mapToDouble(Math::log1p).sum() / classes;
    for (int c = 0; c < classes; c++) {
      parameters[classes * train.size() + c] = Math.log1p(counts[c]) - mean;
    }
    return parameters;
  }

  private RowPasses passes(Rows rows) {
    double products = (double) rows.count() * rows.size() * classes;
    return RowPasses.over(spark, rows, threads, products, bytesOnDriver);
  }

  private static long right(
      Iterator<? extends RowBlock> blocks, SoftmaxClassifier classifier, int threads) {
    long right = 0;
    try (SoftmaxTiles tiles = classifier.tiles(threads)) {
      while (blocks.hasNext()) {
        RowBlock block = blocks.next();
        right += tiles.right(classifier.scale().scaled(block), block::label, block.count());
      }
    }
    return right;
  }
}
