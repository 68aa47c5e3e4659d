package org.simclrspark.worker.network;

import java.io.Serializable;

/**
 * The shape of encoder and projection head.
 *
 * @param depth 18, 34, 50 or 101 (He et al. 2016, table 1)
 * @param width multiplier of every layer's channels
 * @param stem how the first layers reduce the image
 * @param norm what normalises activations
 * @param imageSize side of a view, in pixels
 * @param zeroInitLastNorm whether the last norm of each residual block starts at zero
 * @param initialization what initial weights are drawn from
 * @param projectionLayers layers of the projection head, 1 to 3
 * @param projectionHidden units of its hidden layers
 * @param embeddingSize d, units of its last layer
 */
public record EncoderSettings(
    int depth,
    double width,
    Stem stem,
    Norm norm,
    int imageSize,
    boolean zeroInitLastNorm,
    Initialization initialization,
    int projectionLayers,
    int projectionHidden,
    int embeddingSize)
    implements Serializable {

  /** The first layers. */
  public enum Stem {
    /** 7x7 convolution of stride 2 and 3x3 max pooling of stride 2, for 224 px. */
    IMAGENET,
    /** 3x3 convolution of stride 1, for 32 px (Chen et al. 2020, appendix B.9). */
    SMALL
  }

  /** What normalises activations. */
  public enum Norm {
    /** Over the micro-batch. */
    BATCH,
    /** Over groups of channels of one view: results do not depend on the micro-batch. */
    GROUP,
    /** Group norm over convolutions with standardised weights (Qiao et al. 2019). */
    GROUP_WEIGHT_STANDARDISED
  }

  /** What initial weights are drawn from. */
  public enum Initialization {
    /**
     * google-research/simclr: convolutions by TensorFlow's {@code variance_scaling_initializer}, a
     * normal distribution cut at two deviations, of variance 1 / fan-in ({@code resnet.py}); dense
     * layers of the head normal with a deviation of 0.01 ({@code model_util.py}).
     */
    SIMCLR,
    /**
     * PyTorch: convolutions normal with variance 2 / fan-out (torchvision's {@code resnet.py}, He
     * et al. 2015); dense layers of the head uniform in plus and minus 1 / sqrt(fan-in), the
     * default of {@code torch.nn.Linear}.
     */
    TORCHVISION
  }
}
