package org.simclrspark.worker.onednn;

import java.util.Arrays;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.WeightStandardisation;

/** Weights of one operation that one member loads, and whose gradient it adds up. */
interface Share {

  /** Takes them from the flat parameters. */
  void load(float[] values, Member self);

  /** Makes what training needs of them and inference does not. */
  void prepare(Member self);

  /**
   * Adds the gradient of a micro-batch to the flat gradient.
   *
   * @param active members that have formed gradients
   */
  void addGradient(int active, float[] gradient, Member self);

  /** The weights of a convolution as they are. */
  record Plain(Network.Convolution operation, ConvolutionWeights weights) implements Share {

    @Override
    public void load(float[] values, Member self) {
      weights.load(values, operation.weight().offset(), self);
    }

    @Override
    public void prepare(Member self) {
      weights.prepare(self);
    }

    @Override
    public void addGradient(int active, float[] gradient, Member self) {
      weights.addGradient(active, gradient, operation.weight().offset(), self);
    }
  }

  /** The weights of a convolution, standardised. */
  record Standardised(
      Network.Convolution operation,
      ConvolutionWeights weights,
      WeightStandardisation standardisation,
      float[] standardGradient)
      implements Share {

    Standardised(Network.Convolution operation, ConvolutionWeights weights) {
      this(
          operation,
          weights,
          new WeightStandardisation(operation),
          new float[operation.weight().length()]);
    }

    @Override
    public void load(float[] values, Member self) {
      weights.load(standardisation.apply(values, operation.weight().offset()), 0, self);
    }

    @Override
    public void prepare(Member self) {
      weights.prepare(self);
    }

    @Override
    public void addGradient(int active, float[] gradient, Member self) {
      Arrays.fill(standardGradient, 0);
      weights.addGradient(active, standardGradient, 0, self);
      standardisation.addGradient(standardGradient, gradient, operation.weight().offset());
    }
  }

  /** The weights of a dense layer. */
  record OfDense(DenseWeights weights) implements Share {

    @Override
    public void load(float[] values, Member self) {
      weights.load(values);
    }

    @Override
    public void prepare(Member self) {
      // Both take the same.
    }

    @Override
    public void addGradient(int active, float[] gradient, Member self) {
      weights.addGradient(active, gradient);
    }
  }
}
