package org.simclrspark.worker.network;

import java.util.List;
import org.simclrspark.worker.network.EncoderSettings.Norm;

/**
 * An encoder f, a {@link ResNet}, and its projection head g, a {@link ProjectionHead}, as a list of
 * operations: what every engine and the exported graph interpret.
 */
public final class Network {

  /** Added to a variance before its square root is taken, in every norm. */
  public static final double EPSILON = 1e-5;

  /**
   * An activation.
   *
   * @param id position in {@link Network#tensors()}
   * @param channels of it
   * @param side of its square images; 1 for a vector
   */
  public record Tensor(int id, int channels, int side) {
    /** Pixels of one channel. */
    public int pixels() {
      return side * side;
    }
  }

  /** One operation; {@code in} and {@code out} are its input and output. */
  public sealed interface Operation {
    Tensor in();

    Tensor out();

    /** What is added to the result, or null. */
    default Tensor residual() {
      return null;
    }

    /** Whether the output may lie where the input does, and the gradients likewise. */
    default boolean worksInPlace() {
      return false;
    }

    /** Multiply-adds of one view's forward pass in matrix products. */
    long multiplyAdds();

    /** Calls the visitor's method for this kind of operation. */
    void accept(Visitor visitor);
  }

  /** What to do with each kind of operation: a new kind does not compile until all say so. */
  public interface Visitor {
    void convolution(Convolution operation);

    void normalisation(Normalisation operation);

    void maxPool(MaxPool operation);

    void averagePool(AveragePool operation);

    void dense(Dense operation);
  }

  /** Convolution without bias, zero padding of {@code kernel / 2}. */
  public record Convolution(
      Tensor in, Tensor out, int kernel, int stride, ParameterLayout.Block weight)
      implements Operation {
    public int padding() {
      return kernel / 2;
    }

    /** Values that one output value sums over. */
    public int fanIn() {
      return in.channels() * kernel * kernel;
    }

    @Override
    public long multiplyAdds() {
      return (long) weight.length() * out.pixels();
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.convolution(this);
    }
  }

  /**
   * {@code out = [relu](norm(in) * scale + shift [+ residual])}.
   *
   * @param residual added before the ReLU, or null
   * @param groups of channels that share statistics per view; 0 for statistics per channel over the
   *     micro-batch
   * @param shift null where the norm has none
   * @param statistics offset of the means in the flat statistics, the variances follow; -1 without
   */
  public record Normalisation(
      Tensor in,
      Tensor residual,
      Tensor out,
      boolean relu,
      int groups,
      ParameterLayout.Block scale,
      ParameterLayout.Block shift,
      int statistics)
      implements Operation {
    public boolean overBatch() {
      return groups == 0;
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public long multiplyAdds() {
      return 0;
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.normalisation(this);
    }
  }

  /** 3x3 max pooling of stride 2, padding 1. */
  public record MaxPool(Tensor in, Tensor out) implements Operation {
    @Override
    public long multiplyAdds() {
      return 0;
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.maxPool(this);
    }
  }

  /** Mean over all pixels of a channel. */
  public record AveragePool(Tensor in, Tensor out) implements Operation {
    @Override
    public long multiplyAdds() {
      return 0;
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.averagePool(this);
    }
  }

  /** Dense layer without bias, weights [out, in]. */
  public record Dense(Tensor in, Tensor out, ParameterLayout.Block weight) implements Operation {
    @Override
    public long multiplyAdds() {
      return weight.length();
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.dense(this);
    }
  }

  private final EncoderSettings settings;
  private final List<Tensor> tensors;
  private final List<Operation> operations;
  private final List<ParameterLayout.Block> zeroInitialised;
  private final Tensor features;
  private final ParameterLayout layout;
  private final int statisticsSize;

  /** Lays out the network of the settings. */
  public Network(EncoderSettings settings) {
    this.settings = settings;
    NetworkBuilder builder = new NetworkBuilder(settings);
    Tensor image = builder.tensor(3, settings.imageSize());
    features = new ResNet(settings, builder).encode(image);
    new ProjectionHead(settings, builder).project(features);
    tensors = builder.tensors();
    operations = builder.operations();
    zeroInitialised = builder.zeroInitialised();
    layout = builder.layout();
    statisticsSize = builder.statisticsSize();
  }

  /** What the network was made from. */
  public EncoderSettings settings() {
    return settings;
  }

  /** All activations; the first is the input [3, size, size], the last the embedding. */
  public List<Tensor> tensors() {
    return tensors;
  }

  /** All operations in the order in which they run forward. */
  public List<Operation> operations() {
    return operations;
  }

  /** All operations of one kind, in the order in which they run forward. */
  public <O extends Operation> List<O> operations(Class<O> kind) {
    return operations.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** All norms whose statistics are over the micro-batch, in the order of the flat statistics. */
  public List<Normalisation> batchNorms() {
    return operations(Normalisation.class).stream().filter(Normalisation::overBatch).toList();
  }

  /** Operations that compute h; the rest are the projection head. */
  public List<Operation> encoderOperations() {
    int last = 0;
    while (!operations.get(last).out().equals(features)) {
      last++;
    }
    return operations.subList(0, last + 1);
  }

  /** The input. */
  public Tensor input() {
    return tensors.get(0);
  }

  /** The representation h. */
  public Tensor features() {
    return features;
  }

  /** The embedding z. */
  public Tensor embedding() {
    return tensors.get(tensors.size() - 1);
  }

  /** The layout of the flat parameters. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Channels of each norm that has statistics, in their order. */
  public int[] normChannels() {
    return batchNorms().stream().mapToInt(norm -> norm.in().channels()).toArray();
  }

  /** Length of the flat statistics. */
  public int statisticsSize() {
    return statisticsSize;
  }

  /** Whether weights of convolutions are standardised. */
  public boolean standardisesWeights() {
    return settings.norm() == Norm.GROUP_WEIGHT_STANDARDISED;
  }

  /** Parameters drawn for a seed, the same on every machine. */
  public float[] initialParameters(long seed) {
    return InitialParameters.draw(this, seed);
  }

  /** Scales of norms that start at zero. */
  List<ParameterLayout.Block> zeroInitialised() {
    return zeroInitialised;
  }

  /** Multiply-adds, times two, of one view's forward pass in convolutions and dense layers. */
  public double forwardOperations() {
    return 2.0 * operations.stream().mapToLong(Operation::multiplyAdds).sum();
  }

  /**
   * Multiply-adds, times two, of one view's forward and backward pass: three times those of the
   * forward pass, less the input gradient of the first layer.
   */
  public double trainingOperations() {
    return 3 * forwardOperations() - 2.0 * operations.get(0).multiplyAdds();
  }
}
