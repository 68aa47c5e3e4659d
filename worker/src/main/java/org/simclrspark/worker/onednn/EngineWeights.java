package org.simclrspark.worker.onednn;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.onednn.ConvolutionKernels.WeightFormats;

/**
 * The parameters of a network in the forms that its operations take, and the gradients that its
 * threads form. Each thread loads, and adds up, its own share of the operations.
 */
final class EngineWeights implements AutoCloseable {

  private final Map<Network.Operation, ConvolutionWeights> convolutions = new IdentityHashMap<>();
  private final Map<Network.Operation, DenseWeights> denses = new IdentityHashMap<>();
  private final Map<Network.Operation, BatchNorm> batchNorms = new IdentityHashMap<>();
  private final Map<Network.Operation, GroupNorm> groupNorms = new IdentityHashMap<>();
  private final List<NormParameters> norms = new ArrayList<>();

  /** Weights of operations, by the member that cares for them. */
  private final List<List<Share>> shares = new ArrayList<>();

  /** Makes them without values, on the calling thread. */
  EngineWeights(Network network, Team team) {
    int threads = team.size();
    for (int member = 0; member < threads; member++) {
      shares.add(new ArrayList<>());
    }
    long[] load = new long[threads];
    for (Network.Convolution operation : network.operations(Network.Convolution.class)) {
      ConvolutionWeights ofOperation;
      try (ConvolutionKernels probe =
          new ConvolutionKernels(operation, 8, operation.in().id() != 0, null)) {
        ofOperation = new ConvolutionWeights(operation, formats(operation, probe), threads);
      }
      convolutions.put(operation, ofOperation);
      Share share =
          network.standardisesWeights()
              ? new Share.Standardised(operation, ofOperation)
              : new Share.Plain(operation, ofOperation);
      share(share, operation.weight().length(), load);
    }
    for (Network.Dense operation : network.operations(Network.Dense.class)) {
      DenseWeights ofOperation = new DenseWeights(operation, threads);
      denses.put(operation, ofOperation);
      share(new Share.OfDense(ofOperation), operation.weight().length(), load);
    }
    for (Network.Normalisation norm : network.operations(Network.Normalisation.class)) {
      NormParameters parameters = new NormParameters(norm, threads);
      norms.add(parameters);
      if (norm.overBatch()) {
        batchNorms.put(norm, new BatchNorm(parameters, team));
      } else {
        groupNorms.put(norm, new GroupNorm(parameters));
      }
    }
  }

  private static WeightFormats formats(Network.Convolution operation, ConvolutionKernels probe) {
    return TileWeights.suit(operation)
        ? new WeightFormats(OneDnn.copy(probe.forwardWeights), null, TileWeights.format(operation))
        : probe.formats();
  }

  /** Gives weights to the member that has least to do. */
  private void share(Share share, int weights, long[] load) {
    int lightest = 0;
    for (int member = 1; member < load.length; member++) {
      if (load[member] < load[lightest]) {
        lightest = member;
      }
    }
    load[lightest] += weights;
    shares.get(lightest).add(share);
  }

  Map<Network.Operation, ConvolutionWeights> convolutions() {
    return convolutions;
  }

  /** Bytes of heap for convolutions by tiles. */
  long tileBytes() {
    return convolutions.values().stream()
        .filter(weights -> weights.tiles != null)
        .mapToLong(weights -> weights.tiles.convolution.bytes())
        .sum();
  }

  ConvolutionWeights convolution(Network.Operation operation) {
    return convolutions.get(operation);
  }

  DenseWeights dense(Network.Operation operation) {
    return denses.get(operation);
  }

  /** Null where the operation is no batch norm. */
  BatchNorm batchNorm(Network.Operation operation) {
    return batchNorms.get(operation);
  }

  GroupNorm groupNorm(Network.Operation operation) {
    return groupNorms.get(operation);
  }

  /** Takes a member's share of the flat parameters. */
  void load(int member, float[] values, Member self) {
    shares.get(member).forEach(share -> share.load(values, self));
    if (member == 0) {
      norms.forEach(norm -> norm.load(values));
    }
  }

  /** Makes what training needs of a member's share of the weights and inference does not. */
  void prepare(int member, Member self) {
    shares.get(member).forEach(share -> share.prepare(self));
  }

  /**
   * Adds a member's share of the gradient of a micro-batch to the flat gradient; batch norms have
   * added theirs already.
   *
   * @param active members that have formed gradients
   */
  void addGradients(int member, int active, float[] gradient, Member self) {
    shares.get(member).forEach(share -> share.addGradient(active, gradient, self));
    if (member == 0) {
      groupNorms.values().forEach(norm -> norm.addGradient(active, gradient));
    }
  }

  @Override
  public void close() {
    convolutions.values().forEach(ConvolutionWeights::close);
    denses.values().forEach(DenseWeights::close);
  }
}
