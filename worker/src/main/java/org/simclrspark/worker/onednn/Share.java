package org.simclrspark.worker.onednn;

import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_stream;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.WeightStandardisation;

/** Weights of one operation that one member loads, and whose gradient it adds up. */
interface Share {

  /** Takes them from the flat parameters. */
  void load(float[] values, dnnl_stream stream);

  /**
   * Adds the gradient of a micro-batch to the flat gradient.
   *
   * @param active members that have formed gradients
   */
  void addGradient(int active, float[] gradient, dnnl_stream stream);

  /** The weights of a convolution as they are. */
  record Plain(Network.Convolution operation, ConvolutionWeights weights) implements Share {

    @Override
    public void load(float[] values, dnnl_stream stream) {
      weights.load(values, operation.weight().offset(), stream);
    }

    @Override
    public void addGradient(int active, float[] gradient, dnnl_stream stream) {
      weights.addGradient(active, gradient, operation.weight().offset(), stream);
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
    public void load(float[] values, dnnl_stream stream) {
      weights.load(standardisation.apply(values, operation.weight().offset()), 0, stream);
    }

    @Override
    public void addGradient(int active, float[] gradient, dnnl_stream stream) {
      Arrays.fill(standardGradient, 0);
      weights.addGradient(active, standardGradient, 0, stream);
      standardisation.addGradient(standardGradient, gradient, operation.weight().offset());
    }
  }

  /** The weights of a dense layer. */
  record OfDense(DenseWeights weights) implements Share {

    @Override
    public void load(float[] values, dnnl_stream stream) {
      weights.load(values);
    }

    @Override
    public void addGradient(int active, float[] gradient, dnnl_stream stream) {
      weights.addGradient(active, gradient);
    }
  }
}
