package org.simclrspark.worker.dl4j;

import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group norm (Wu and He 2018) of [n, channels, side, side] as a Deeplearning4j layer. */
public final class GroupNormLayer extends SameDiffLayer {

  private static final long serialVersionUID = 1;

  private int channels;
  private int side;
  private int groups;
  private double epsilon;

  /** For JSON. */
  public GroupNormLayer() {}

  /**
   * Makes the layer.
   *
   * @param groups of channels that share statistics; divides {@code channels}
   * @param epsilon added to the variance
   */
  public GroupNormLayer(int channels, int side, int groups, double epsilon) {
    this.channels = channels;
    this.side = side;
    this.groups = groups;
    this.epsilon = epsilon;
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, Map<String, SDVariable> parameters, SDVariable mask) {
    long groupLength = (long) channels / groups * side * side;
    SDVariable grouped = input.reshape(-1, groups, groupLength);
    SDVariable centred = grouped.sub(grouped.mean(true, 2));
    SDVariable variance = centred.mul(centred).mean(true, 2);
    SDVariable normalised = centred.div(graph.math().sqrt(variance.add(epsilon)));
    return normalised
        .reshape(-1, channels, side, side)
        .mul(parameters.get("gamma").reshape(1, channels, 1, 1))
        .add(parameters.get("beta").reshape(1, channels, 1, 1));
  }

  @Override
  public void defineParameters(SDLayerParams parameters) {
    parameters.addWeightParam("gamma", 1, channels);
    parameters.addBiasParam("beta", 1, channels);
  }

  @Override
  public void initializeParameters(Map<String, INDArray> parameters) {
    parameters.get("gamma").assign(1);
    parameters.get("beta").assign(0);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  public int getChannels() {
    return channels;
  }

  public void setChannels(int channels) {
    this.channels = channels;
  }

  public int getSide() {
    return side;
  }

  public void setSide(int side) {
    this.side = side;
  }

  public int getGroups() {
    return groups;
  }

  public void setGroups(int groups) {
    this.groups = groups;
  }

  public double getEpsilon() {
    return epsilon;
  }

  public void setEpsilon(double epsilon) {
    this.epsilon = epsilon;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GroupNormLayer layer
        && super.equals(other)
        && channels == layer.channels
        && side == layer.side
        && groups == layer.groups
        && epsilon == layer.epsilon;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * (31 * super.hashCode() + channels) + side) + groups;
  }
}
