package org.simclrspark.worker;

import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;

/** A network's forward pass in double precision, written as the formulas are: the reference. */
final class DoubleNetwork {

  private final Network network;
  private final int views;
  private final byte[] decisions;
  private final byte[] winners;
  private double[][] activations;
  private int decided;
  private double largestSwitch;

  /**
   * Makes it.
   *
   * @param decisions 1 for an activation that passes its ReLU, else 0; norm by norm
   * @param winners which of the 9 values of its window each output of max pooling takes
   */
  DoubleNetwork(Network network, int views, byte[] decisions, byte[] winners) {
    this.network = network;
    this.views = views;
    this.decisions = decisions;
    this.winners = winners;
  }

  /**
   * By how much the decisions are wrong in the last pass: the largest absolute value whose sign
   * says otherwise, or that was larger than a winner by so much.
   */
  double largestSwitch() {
    return largestSwitch;
  }

  /** Embeddings [views, d] of pixels [views, 3, size, size]. */
  double[] embed(double[] parameters, double[] pixels) {
    activations = new double[network.tensors().size()][];
    activations[0] = pixels;
    largestSwitch = 0;
    return compute(parameters, 0, 0, activations);
  }

  /**
   * The same embeddings with other values of one block of parameters: what comes before it stays as
   * the last {@link #embed} left it.
   */
  double[] embedWith(ParameterLayout.Block changed, double[] parameters) {
    int first = 0;
    int decidedBefore = 0;
    while (!uses(network.operations().get(first), changed)) {
      if (network.operations().get(first) instanceof Network.Normalisation norm && norm.relu()) {
        decidedBefore += activations[norm.out().id()].length;
      }
      first++;
    }
    return compute(parameters, first, decidedBefore, activations.clone());
  }

  private static boolean uses(Network.Operation operation, ParameterLayout.Block block) {
    if (operation instanceof Network.Convolution convolution) {
      return convolution.weight().equals(block);
    }
    if (operation instanceof Network.Normalisation norm) {
      return norm.scale().equals(block) || block.equals(norm.shift());
    }
    return operation instanceof Network.Dense dense && dense.weight().equals(block);
  }

  private double[] compute(
      double[] parameters, int first, int decidedBefore, double[][] activations) {
    decided = decidedBefore;
    for (Network.Operation operation :
        network.operations().subList(first, network.operations().size())) {
      double[] x = activations[operation.in().id()];
      double[] y;
      if (operation instanceof Network.Convolution convolution) {
        y = convolve(convolution, x, parameters);
      } else if (operation instanceof Network.Normalisation norm) {
        double[] residual = norm.residual() == null ? null : activations[norm.residual().id()];
        y = normalise(norm, x, residual, parameters);
      } else if (operation instanceof Network.MaxPool pool) {
        y = maxPool(pool, x);
      } else if (operation instanceof Network.AveragePool pool) {
        y = average(pool, x);
      } else {
        y = multiply((Network.Dense) operation, x, parameters);
      }
      activations[operation.out().id()] = y;
    }
    return activations[network.embedding().id()];
  }

  private double[] convolve(Network.Convolution operation, double[] x, double[] parameters) {
    int in = operation.in().channels();
    int out = operation.out().channels();
    int side = operation.in().side();
    int outSide = operation.out().side();
    int kernel = operation.kernel();
    double[] w = weights(operation, parameters);
    double[] y = new double[views * out * outSide * outSide];
    for (int i = 0; i < y.length; i++) {
      int column = i % outSide;
      int row = i / outSide % outSide;
      int channel = i / (outSide * outSide) % out;
      int view = i / (outSide * outSide * out);
      int top = row * operation.stride() - operation.padding();
      int left = column * operation.stride() - operation.padding();
      double sum = 0;
      for (int c = 0; c < in; c++) {
        for (int a = Math.max(0, top); a < Math.min(side, top + kernel); a++) {
          int ofWeights = ((channel * in + c) * kernel + a - top) * kernel - left;
          int ofPixels = ((view * in + c) * side + a) * side;
          for (int b = Math.max(0, left); b < Math.min(side, left + kernel); b++) {
            sum += w[ofWeights + b] * x[ofPixels + b];
          }
        }
      }
      y[i] = sum;
    }
    return y;
  }

  private double[] weights(Network.Convolution operation, double[] parameters) {
    int length = operation.weight().length();
    double[] w = new double[length];
    System.arraycopy(parameters, operation.weight().offset(), w, 0, length);
    if (network.standardisesWeights()) {
      int fanIn = operation.fanIn();
      for (int start = 0; start < length; start += fanIn) {
        double[] moments = moments(w, start, fanIn);
        for (int i = start; i < start + fanIn; i++) {
          w[i] = (w[i] - moments[0]) / Math.sqrt(moments[1] + 1e-10);
        }
      }
    }
    return w;
  }

  private static double[] moments(double[] values, int start, int length) {
    double mean = 0;
    for (int i = start; i < start + length; i++) {
      mean += values[i] / length;
    }
    double variance = 0;
    for (int i = start; i < start + length; i++) {
      variance += (values[i] - mean) * (values[i] - mean) / length;
    }
    return new double[] {mean, variance};
  }

  private double[] normalise(
      Network.Normalisation operation, double[] x, double[] residual, double[] parameters) {
    int channels = operation.in().channels();
    int pixels = operation.in().pixels();
    double[] y = new double[x.length];
    double[] moments = null;
    for (int i = 0; i < x.length; i++) {
      int c = i / pixels % channels;
      int view = i / (pixels * channels);
      if (i % pixels == 0) {
        moments =
            operation.overBatch()
                ? channelMoments(x, c, channels, pixels)
                : groupMoments(operation, x, view, c);
      }
      y[i] = (x[i] - moments[0]) / Math.sqrt(moments[1] + Network.EPSILON);
      y[i] *= parameters[operation.scale().offset() + c];
      if (operation.shift() != null) {
        y[i] += parameters[operation.shift().offset() + c];
      }
      if (residual != null) {
        y[i] += residual[i];
      }
      if (operation.relu()) {
        boolean open = decisions[decided++] == 1;
        if (open != y[i] > 0) {
          largestSwitch = Math.max(largestSwitch, Math.abs(y[i]));
        }
        y[i] = open ? y[i] : 0;
      }
    }
    return y;
  }

  private double[] channelMoments(double[] x, int channel, int channels, int pixels) {
    double[] values = new double[views * pixels];
    for (int view = 0; view < views; view++) {
      System.arraycopy(x, (view * channels + channel) * pixels, values, view * pixels, pixels);
    }
    return moments(values, 0, values.length);
  }

  private static double[] groupMoments(
      Network.Normalisation operation, double[] x, int view, int channel) {
    int channels = operation.in().channels();
    int size = channels / operation.groups();
    int pixels = operation.in().pixels();
    return moments(x, (view * channels + channel / size * size) * pixels, size * pixels);
  }

  private double[] maxPool(Network.MaxPool operation, double[] x) {
    int side = operation.in().side();
    int outSide = operation.out().side();
    double[] y = new double[views * operation.in().channels() * outSide * outSide];
    for (int i = 0; i < y.length; i++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < 9; k++) {
        int a = i / outSide % outSide * 2 - 1 + k / 3;
        int b = i % outSide * 2 - 1 + k % 3;
        if (a >= 0 && a < side && b >= 0 && b < side) {
          largest = Math.max(largest, x[(i / (outSide * outSide) * side + a) * side + b]);
        }
      }
      int a = i / outSide % outSide * 2 - 1 + winners[i] / 3;
      int b = i % outSide * 2 - 1 + winners[i] % 3;
      y[i] = x[(i / (outSide * outSide) * side + a) * side + b];
      largestSwitch = Math.max(largestSwitch, largest - y[i]);
    }
    return y;
  }

  private double[] average(Network.AveragePool operation, double[] x) {
    int pixels = operation.in().pixels();
    double[] y = new double[views * operation.in().channels()];
    for (int i = 0; i < x.length; i++) {
      y[i / pixels] += x[i] / pixels;
    }
    return y;
  }

  private double[] multiply(Network.Dense operation, double[] x, double[] parameters) {
    int in = operation.in().channels();
    int out = operation.out().channels();
    double[] y = new double[views * out];
    for (int i = 0; i < y.length; i++) {
      for (int c = 0; c < in; c++) {
        y[i] += parameters[operation.weight().offset() + i % out * in + c] * x[i / out * in + c];
      }
    }
    return y;
  }
}
