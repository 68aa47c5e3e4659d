package org.simclrspark.worker.onednn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_stream;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.WeightStandardisation;

/**
 * The parameters of a network in the forms that its operations take, and the gradients that its
 * threads form. Each thread loads, and adds up, its own share of the operations.
 */
final class EngineWeights implements AutoCloseable {

  private final Map<Network.Operation, ConvolutionWeights> convolutions = new IdentityHashMap<>();
  private final Map<Network.Operation, DenseWeights> denses = new IdentityHashMap<>();
  private final Map<Network.Operation, WeightStandardisation> standardisations =
      new IdentityHashMap<>();
  private final Map<Network.Operation, float[]> standardGradients = new IdentityHashMap<>();
  private final Map<Network.Operation, BatchNorm> batchNorms = new IdentityHashMap<>();
  private final Map<Network.Operation, GroupNorm> groupNorms = new IdentityHashMap<>();
  private final List<NormParameters> norms = new ArrayList<>();

  /** Operations with weights, by the member that cares for them. */
  private final List<List<Network.Operation>> shares = new ArrayList<>();

  /** Makes them without values, on the calling thread. */
  EngineWeights(Network network, Team team) {
    int threads = team.size();
    for (int member = 0; member < threads; member++) {
      shares.add(new ArrayList<>());
    }
    long[] load = new long[threads];
    for (Network.Operation operation : network.operations()) {
      if (operation instanceof Network.Convolution convolution) {
        try (ConvolutionKernels probe =
            new ConvolutionKernels(convolution, 8, convolution.in().id() != 0, null)) {
          convolutions.put(
              operation, new ConvolutionWeights(convolution, probe.formats(), threads));
        }
        if (network.standardisesWeights()) {
          standardisations.put(operation, new WeightStandardisation(convolution));
          standardGradients.put(operation, new float[convolution.weight().length()]);
        }
        share(operation, convolution.weight().length(), load);
      } else if (operation instanceof Network.Dense dense) {
        denses.put(operation, new DenseWeights(dense, threads));
        share(operation, dense.weight().length(), load);
      } else if (operation instanceof Network.Normalisation norm) {
        NormParameters parameters = new NormParameters(norm, threads);
        norms.add(parameters);
        if (norm.overBatch()) {
          batchNorms.put(norm, new BatchNorm(parameters, team));
        } else {
          groupNorms.put(norm, new GroupNorm(parameters));
        }
      }
    }
  }

  /** Gives an operation to the member that has least to do. */
  private void share(Network.Operation operation, int weights, long[] load) {
    int lightest = 0;
    for (int member = 1; member < load.length; member++) {
      if (load[member] < load[lightest]) {
        lightest = member;
      }
    }
    load[lightest] += weights;
    shares.get(lightest).add(operation);
  }

  Map<Network.Operation, ConvolutionWeights> convolutions() {
    return convolutions;
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
  void load(int member, float[] values, dnnl_stream stream) {
    for (Network.Operation operation : shares.get(member)) {
      if (operation instanceof Network.Convolution convolution) {
        int offset = convolution.weight().offset();
        WeightStandardisation standardisation = standardisations.get(operation);
        if (standardisation == null) {
          convolutions.get(operation).load(values, offset, stream);
        } else {
          convolutions.get(operation).load(standardisation.apply(values, offset), 0, stream);
        }
      } else {
        denses.get(operation).load(values);
      }
    }
    if (member == 0) {
      norms.forEach(norm -> norm.load(values));
    }
  }

  /**
   * Adds a member's share of the gradient of a micro-batch to the flat gradient; batch norms have
   * added theirs already.
   *
   * @param active members that have formed gradients
   */
  void addGradients(int member, int active, float[] gradient, dnnl_stream stream) {
    for (Network.Operation operation : shares.get(member)) {
      if (operation instanceof Network.Convolution convolution) {
        WeightStandardisation standardisation = standardisations.get(operation);
        ConvolutionWeights weights = convolutions.get(operation);
        int offset = convolution.weight().offset();
        if (standardisation == null) {
          weights.addGradient(active, gradient, offset, stream);
        } else {
          float[] standard = standardGradients.get(operation);
          Arrays.fill(standard, 0);
          weights.addGradient(active, standard, 0, stream);
          standardisation.addGradient(standard, gradient, offset);
        }
      } else {
        denses.get(operation).addGradient(active, gradient);
      }
    }
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
