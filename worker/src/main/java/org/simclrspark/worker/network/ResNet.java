package org.simclrspark.worker.network;

import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.network.Network.AveragePool;
import org.simclrspark.worker.network.Network.MaxPool;
import org.simclrspark.worker.network.Network.Normalisation;
import org.simclrspark.worker.network.Network.Tensor;

/**
 * The encoder f of Chen et al. 2020: h = f(x), the mean over all pixels behind the last stage.
 *
 * <p>The residual networks are those of He et al. 2016 (table 1) with the stride in the 3x3
 * convolution of a bottleneck, as in google-research/simclr.
 */
final class ResNet {

  private static final int STAGES = 4;

  private final EncoderSettings settings;
  private final NetworkBuilder builder;

  ResNet(EncoderSettings settings, NetworkBuilder builder) {
    this.settings = settings;
    this.builder = builder;
  }

  /** Adds its operations and returns the representation h. */
  Tensor encode(Tensor image) {
    int[] blocksOfStage = blocksOfStage(settings.depth());
    boolean bottleneck = settings.depth() >= 50;
    int base = Math.toIntExact(Math.max(1, Math.round(64 * settings.width())));
    Tensor x = stem(image, base);
    for (int stage = 0; stage < STAGES; stage++) {
      for (int block = 0; block < blocksOfStage[stage]; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String name = "stage" + (stage + 1) + ".block" + block;
        x =
            bottleneck
                ? bottleneck(name, x, base << stage, stride)
                : basic(name, x, base << stage, stride);
      }
    }
    return builder.add(new AveragePool(x, builder.tensor(x.channels(), 1)));
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
      return normalised("stem", builder.convolution("stem", image, channels, 3, 1), true);
    }
    Tensor x = normalised("stem", builder.convolution("stem", image, channels, 7, 2), true);
    return builder.add(new MaxPool(x, builder.tensor(channels, (x.side() + 2 - 3) / 2 + 1)));
  }

  private Tensor basic(String name, Tensor x, int channels, int stride) {
    Tensor y = builder.convolution(name + ".conv1", x, channels, 3, stride);
    y = normalised(name + ".conv1", y, true);
    y = builder.convolution(name + ".conv2", y, channels, 3, 1);
    return last(name + ".conv2", y, shortcut(name, x, channels, stride));
  }

  private Tensor bottleneck(String name, Tensor x, int channels, int stride) {
    Tensor y = builder.convolution(name + ".conv1", x, channels, 1, 1);
    y = normalised(name + ".conv1", y, true);
    y = builder.convolution(name + ".conv2", y, channels, 3, stride);
    y = normalised(name + ".conv2", y, true);
    y = builder.convolution(name + ".conv3", y, 4 * channels, 1, 1);
    return last(name + ".conv3", y, shortcut(name, x, 4 * channels, stride));
  }

  private Tensor last(String name, Tensor y, Tensor residual) {
    Normalisation norm = norm(name, y, residual, true);
    if (settings.zeroInitLastNorm()) {
      builder.startAtZero(norm);
    }
    return norm.out();
  }

  private Tensor shortcut(String name, Tensor x, int channels, int stride) {
    if (stride == 1 && x.channels() == channels) {
      return x;
    }
    String shortcut = name + ".shortcut";
    return normalised(shortcut, builder.convolution(shortcut, x, channels, 1, stride), false);
  }

  private Tensor normalised(String name, Tensor in, boolean relu) {
    return norm(name, in, null, relu).out();
  }

  private Normalisation norm(String name, Tensor in, Tensor residual, boolean relu) {
    Tensor out = builder.tensor(in.channels(), in.side());
    int groups = settings.norm() == Norm.BATCH ? 0 : groups(in.channels());
    return builder.norm(name, in, residual, out, relu, groups, true);
  }

  /** 32 groups (Wu and He 2018), fewer where a group would have less than two channels. */
  static int groups(int channels) {
    int groups = 32;
    while (groups > 1 && (channels % groups != 0 || channels / groups < 2)) {
      groups /= 2;
    }
    return groups;
  }
}
