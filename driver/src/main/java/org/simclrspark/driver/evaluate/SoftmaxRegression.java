package org.simclrspark.driver.evaluate;

import java.util.Iterator;
import java.util.function.Function;
import org.simclrspark.worker.onednn.SoftmaxTiles;

/**
 * What the linear probe minimises: the mean cross-entropy of the training images, and half the
 * squared norm of the weights times the regularisation.
 *
 * <p>Each evaluation is a pass. The gradient of a block of images has the same bits wherever it is
 * computed, and blocks are summed in {@link FixedPoint}: so the whole has them too, on every
 * cluster.
 */
final class SoftmaxRegression implements Function<double[], Lbfgs.Point> {

  /** Nats: a block whose mean loss is beyond it makes the function infinite. */
  private static final double LARGEST_LOSS = 8192;

  private final RowPasses images;
  private final long count;
  private final FeatureScale scale;
  private final int classes;
  private final double regularisation;
  private final int threads;

  /**
   * Defines the function.
   *
   * @param images to learn from
   * @param count of the images
   * @param regularisation weight of half the squared norm
   * @param threads of a task
   */
  SoftmaxRegression(
      RowPasses images,
      long count,
      FeatureScale scale,
      int classes,
      double regularisation,
      int threads) {
    this.images = images;
    this.count = count;
    this.scale = scale;
    this.classes = classes;
    this.regularisation = regularisation;
    this.threads = threads;
  }

  /** Value and gradient at weights, [classes, size], followed by biases, [classes]. */
  @Override
  public Lbfgs.Point apply(double[] at) {
    int weights = at.length - classes;
    FixedPoint ofLoss = FixedPoint.upTo(LARGEST_LOSS * count);
    FixedPoint ofGradient = FixedPoint.upTo(FeatureScale.bound(count) * count);
    int ofTask = threads;
    long[] sums =
        images.reduce(
            SoftmaxClassifier.of(at, classes, scale),
            (blocks, classifier) -> sums(blocks, classifier, ofTask, ofLoss, ofGradient),
            FixedPoint::add);
    double[] gradient = new double[at.length];
    double squares = 0;
    for (int i = 0; i < at.length; i++) {
      gradient[i] = ofGradient.value(sums[i]) / count;
      if (i < weights) {
        gradient[i] += regularisation * at[i];
        squares += at[i] * at[i];
      }
    }
    double loss =
        sums[at.length + 1] > 0 ? Double.POSITIVE_INFINITY : ofLoss.value(sums[at.length]) / count;
    return new Lbfgs.Point(at, loss + regularisation / 2 * squares, gradient);
  }

  /**
   * Sums over a task's blocks: gradient of the weights, of the biases, loss, and how many blocks
   * have too great a loss.
   */
  private static long[] sums(
      Iterator<? extends RowBlock> blocks,
      SoftmaxClassifier classifier,
      int threads,
      FixedPoint ofLoss,
      FixedPoint ofGradient) {
    int weights = classifier.weights().values().length;
    int classes = classifier.biases().length;
    long[] sums = new long[weights + classes + 2];
    try (SoftmaxTiles tiles = classifier.tiles(threads)) {
      while (blocks.hasNext()) {
        RowBlock block = blocks.next();
        SoftmaxTiles.Loss found =
            tiles.loss(classifier.scale().scaled(block), block::label, block.count());
        for (int i = 0; i < weights; i++) {
          sums[i] += ofGradient.of(found.weights()[i]);
        }
        for (int i = 0; i < classes; i++) {
          sums[weights + i] += ofGradient.of(found.biases()[i]);
        }
        if (found.loss() <= LARGEST_LOSS * block.count()) {
          sums[weights + classes] += ofLoss.of(found.loss());
        } else {
          sums[weights + classes + 1]++;
        }
      }
    }
    return sums;
  }
}
