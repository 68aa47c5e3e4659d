package org.simclrspark.worker;

import java.util.ArrayList;
import java.util.List;
import org.simclrspark.worker.EncoderSettings.Norm;
import org.simclrspark.worker.EncoderSettings.Stem;

/**
 * A ResNet encoder with its projection head as a list of operations: what every engine and the
 * exported graph interpret.
 *
 * <p>The residual networks are those of He et al. 2016 (table 1) with the stride in the 3x3
 * convolution of a bottleneck, as in google-research/simclr; the head is the one of that
 * repository's {@code model_util.py}: each layer dense without bias, then a norm, ReLU after all
 * but the last, whose norm has no shift. With group norm, hidden layers of the head have a norm
 * over their units and the last layer has none, so that no result depends on the micro-batch.
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
  }

  /** 3x3 max pooling of stride 2, padding 1. */
  public record MaxPool(Tensor in, Tensor out) implements Operation {}

  /** Mean over all pixels of a channel. */
  public record AveragePool(Tensor in, Tensor out) implements Operation {}

  /** Dense layer without bias, weights [out, in]. */
  public record Dense(Tensor in, Tensor out, ParameterLayout.Block weight) implements Operation {}

  private final EncoderSettings settings;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final List<ParameterLayout.Block> blocks = new ArrayList<>();
  private final List<ParameterLayout.Block> zeroInitialised = new ArrayList<>();
  private final Tensor features;
  private final ParameterLayout layout;
  private int parameterCount;
  private int statisticsSize;

  /** Lays out the network of the settings. */
  public Network(EncoderSettings settings) {
    this.settings = settings;
    int[] blocksOfStage = blocksOfStage(settings.depth());
    boolean bottleneck = settings.depth() >= 50;
    int base = Math.toIntExact(Math.max(1, Math.round(64 * settings.width())));
    Tensor x = stem(tensor(3, settings.imageSize()), base);
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < blocksOfStage[stage]; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String name = "stage" + (stage + 1) + ".block" + block;
        x =
            bottleneck
                ? bottleneck(name, x, base << stage, stride)
                : basic(name, x, base << stage, stride);
      }
    }
    Tensor h = tensor(x.channels(), 1);
    operations.add(new AveragePool(x, h));
    features = h;
    projection(h);
    layout = new ParameterLayout(blocks);
  }

  /** What the network was made from. */
  public EncoderSettings settings() {
    return settings;
  }

  /** All activations; the first is the input [3, size, size], the last the embedding. */
  public List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  /** All operations in the order in which they run forward. */
  public List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** Operations that compute h; the rest are the projection head. */
  public List<Operation> encoderOperations() {
    int last = 0;
    while (!operations.get(last).out().equals(features)) {
      last++;
    }
    return List.copyOf(operations.subList(0, last + 1));
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
    return operations.stream()
        .filter(operation -> operation instanceof Normalisation norm && norm.overBatch())
        .mapToInt(norm -> norm.in().channels())
        .toArray();
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
    double sum = 0;
    for (Operation operation : operations) {
      if (operation instanceof Convolution convolution) {
        sum += 2.0 * convolution.weight().length() * convolution.out().pixels();
      } else if (operation instanceof Dense dense) {
        sum += 2.0 * dense.weight().length();
      }
    }
    return sum;
  }

  /**
   * Multiply-adds, times two, of one view's forward and backward pass: three times those of the
   * forward pass, less the input gradient of the first layer.
   */
  public double trainingOperations() {
    Convolution first = (Convolution) operations.get(0);
    return 3 * forwardOperations() - 2.0 * first.weight().length() * first.out().pixels();
  }

  private static int[] blocksOfStage(int depth) {
    return switch (depth) {
      case 18 -> new int[] {2, 2, 2, 2};
      case 34, 50 -> new int[] {3, 4, 6, 3};
      case 101 -> new int[] {3, 4, 23, 3};
      default ->
          throw new IllegalArgumentException(
              "Encoder depth must be 18, 34, 50 or 101, found " + depth);
    };
  }

  private Tensor stem(Tensor image, int channels) {
    if (settings.stem() == Stem.SMALL) {
      return normalised("stem", convolution("stem", image, channels, 3, 1), null, true);
    }
    Tensor x = normalised("stem", convolution("stem", image, channels, 7, 2), null, true);
    Tensor pooled = tensor(channels, (x.side() + 2 - 3) / 2 + 1);
    operations.add(new MaxPool(x, pooled));
    return pooled;
  }

  private Tensor basic(String name, Tensor x, int channels, int stride) {
    Tensor y = convolution(name + ".conv1", x, channels, 3, stride);
    y = normalised(name + ".conv1", y, null, true);
    y = convolution(name + ".conv2", y, channels, 3, 1);
    return last(name + ".conv2", y, shortcut(name, x, channels, stride));
  }

  private Tensor bottleneck(String name, Tensor x, int channels, int stride) {
    Tensor y = convolution(name + ".conv1", x, channels, 1, 1);
    y = normalised(name + ".conv1", y, null, true);
    y = convolution(name + ".conv2", y, channels, 3, stride);
    y = normalised(name + ".conv2", y, null, true);
    y = convolution(name + ".conv3", y, 4 * channels, 1, 1);
    return last(name + ".conv3", y, shortcut(name, x, 4 * channels, stride));
  }

  private Tensor last(String name, Tensor y, Tensor residual) {
    Tensor out = normalised(name, y, residual, true);
    if (settings.zeroInitLastNorm()) {
      Normalisation norm = (Normalisation) operations.get(operations.size() - 1);
      zeroInitialised.add(norm.scale());
    }
    return out;
  }

  private Tensor shortcut(String name, Tensor x, int channels, int stride) {
    if (stride == 1 && x.channels() == channels) {
      return x;
    }
    String shortcut = name + ".shortcut";
    return normalised(shortcut, convolution(shortcut, x, channels, 1, stride), null, false);
  }

  private void projection(Tensor h) {
    boolean batch = settings.norm() == Norm.BATCH;
    Tensor x = h;
    for (int layer = 1; layer <= settings.projectionLayers(); layer++) {
      boolean isLast = layer == settings.projectionLayers();
      String name = "projection.layer" + layer;
      int units = isLast ? settings.embeddingSize() : settings.projectionHidden();
      Tensor y = tensor(units, 1);
      operations.add(new Dense(x, y, block(name + ".weight", true, units, x.channels())));
      if (batch || !isLast) {
        Tensor out = tensor(units, 1);
        norm(name, y, null, out, !isLast, batch ? 0 : 1, !isLast);
        y = out;
      }
      x = y;
    }
  }

  private Tensor convolution(String name, Tensor in, int channels, int kernel, int stride) {
    Tensor out = tensor(channels, (in.side() + 2 * (kernel / 2) - kernel) / stride + 1);
    ParameterLayout.Block weight =
        block(name + ".weight", true, channels, in.channels(), kernel, kernel);
    operations.add(new Convolution(in, out, kernel, stride, weight));
    return out;
  }

  private Tensor normalised(String name, Tensor in, Tensor residual, boolean relu) {
    Tensor out = tensor(in.channels(), in.side());
    int groups = settings.norm() == Norm.BATCH ? 0 : groups(in.channels());
    norm(name, in, residual, out, relu, groups, true);
    return out;
  }

  private void norm(
      String name,
      Tensor in,
      Tensor residual,
      Tensor out,
      boolean relu,
      int groups,
      boolean shifts) {
    ParameterLayout.Block scale = block(name + ".norm.scale", false, in.channels());
    ParameterLayout.Block shift = shifts ? block(name + ".norm.shift", false, in.channels()) : null;
    int statistics = -1;
    if (groups == 0) {
      statistics = statisticsSize;
      statisticsSize += 2 * in.channels();
    }
    operations.add(new Normalisation(in, residual, out, relu, groups, scale, shift, statistics));
  }

  /** 32 groups (Wu and He 2018), fewer where a group would have less than two channels. */
  static int groups(int channels) {
    int groups = 32;
    while (groups > 1 && (channels % groups != 0 || channels / groups < 2)) {
      groups /= 2;
    }
    return groups;
  }

  private Tensor tensor(int channels, int side) {
    if (side < 1) {
      throw new IllegalArgumentException(
          "Image size must leave at least one pixel after the last stage, found "
              + settings.imageSize());
    }
    Tensor tensor = new Tensor(tensors.size(), channels, side);
    tensors.add(tensor);
    return tensor;
  }

  private ParameterLayout.Block block(String name, boolean adapted, Integer... shape) {
    ParameterLayout.Block block =
        new ParameterLayout.Block(name, List.of(shape), parameterCount, adapted);
    blocks.add(block);
    parameterCount = Math.addExact(parameterCount, block.length());
    return block;
  }
}
