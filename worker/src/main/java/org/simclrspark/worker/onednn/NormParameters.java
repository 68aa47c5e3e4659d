package org.simclrspark.worker.onednn;

import org.simclrspark.worker.network.Network;

/** Scale and shift of one norm, padded to whole blocks, and what its threads exchange. */
final class NormParameters {

  final Network.Normalisation operation;
  final float[] scale;
  final float[] shift;

  /** Per thread: means and sums of squared deviations forward. */
  final float[][] mean;

  final float[][] deviation;

  /** Per thread: sums of the gradient, and of the gradient times (x - mean), backward. */
  final float[][] sum;

  final float[][] product;

  NormParameters(Network.Normalisation operation, int members) {
    this.operation = operation;
    int channels = Shapes.padded(operation.in().channels());
    scale = new float[channels];
    shift = new float[channels];
    mean = new float[members][channels];
    deviation = new float[members][channels];
    sum = new float[members][channels];
    product = new float[members][channels];
  }

  void load(float[] parameters) {
    System.arraycopy(parameters, operation.scale().offset(), scale, 0, operation.scale().length());
    if (operation.shift() != null) {
      System.arraycopy(
          parameters, operation.shift().offset(), shift, 0, operation.shift().length());
    }
  }
}
