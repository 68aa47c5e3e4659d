package org.simclrspark.worker.onednn;

import java.util.Arrays;
import java.util.List;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.engine.NetworkEngine;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.GradientPlan;

/**
 * The engine for CPUs: oneDNN's convolutions on blocked activations, norms fused with ReLU and
 * residual addition, all memory planned once per micro-batch size.
 *
 * <p>Each of its threads runs the whole network on its own part of the micro-batch; they meet where
 * batch norm needs the whole.
 */
public final class OneDnnEngine extends MicroBatchEngine implements NetworkEngine {

  private final Network network;
  private final Team team;
  private final Member[] members;
  private EngineWeights weights;

  /**
   * Makes an engine.
   *
   * @param threads that share a micro-batch, at least 1
   * @param prepareThread runs once on each of them, to limit native libraries to that thread
   */
  public OneDnnEngine(EncoderSettings settings, int threads, Runnable prepareThread) {
    network = new Network(settings);
    team = new Team(threads, prepareThread);
    members = new Member[threads];
    // On a thread of the team, whose native libraries are limited to it.
    team.run(
        member -> {
          if (member == 0) {
            weights = new EngineWeights(network, team);
          }
        });
    for (int member = 0; member < threads; member++) {
      members[member] = new Member(member, threads, network, weights);
    }
  }

  @Override
  public String name() {
    return "onednn";
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  protected void setParameters(float[] values) {
    requireParameters(values);
    team.run(member -> weights.load(member, values, members[member].stream));
  }

  @Override
  public float[] features(float[] views, int count, float[] statistics) {
    requireStatistics(statistics);
    requireViews(views, count);
    float[] features = new float[count * featureSize()];
    team.run(
        member -> {
          Member self = members[member];
          for (int first = member * Inference.VIEWS;
              first < count;
              first += members.length * Inference.VIEWS) {
            int ofPass = Math.min(Inference.VIEWS, count - first);
            self.inference()
                .run(views, first, ofPass, statistics, features, self.stream, self.scratch);
          }
        });
    return features;
  }

  @Override
  public Activations forward(float[] views, int count) {
    requireViews(views, count);
    MicroBatch batch = new MicroBatch(count, network, members);
    try {
      team.run(
          member -> {
            batch.begin(member, views);
            for (Network.Operation operation : network.operations()) {
              forward(operation, batch, member);
            }
          });
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
    batch.finish(weights);
    return batch;
  }

  private void forward(Network.Operation operation, MicroBatch batch, int member) {
    Member self = members[member];
    Arena arena = batch.arenas[member];
    int views = batch.slices[member];
    if (operation instanceof Network.Normalisation norm && norm.overBatch()) {
      weights.batchNorm(norm).forward(arena, member, batch.slices, null, self.scratch);
      return;
    }
    if (arena == null) {
      return;
    }
    BatchSlice slice = batch.slice(member);
    if (operation instanceof Network.Convolution) {
      OneDnn.execute(
          slice.convolution(operation).forward, self.stream, arena.arguments.get(operation)[0]);
    } else if (operation instanceof Network.Normalisation norm) {
      weights.groupNorm(norm).forward(arena, views, self.scratch);
    } else if (operation instanceof Network.MaxPool) {
      OneDnn.execute(slice.pool(operation).forward, self.stream, arena.arguments.get(operation)[0]);
    } else if (operation instanceof Network.AveragePool) {
      Pools.average(operation, arena, views);
    } else {
      weights
          .dense(operation)
          .forward(
              arena.pointers[operation.in().id()], arena.pointers[operation.out().id()], views);
    }
  }

  @Override
  public void backward(Activations activations, float[] embeddingGradients, float[] gradient) {
    MicroBatch batch = (MicroBatch) activations;
    if (gradient.length != network.layout().size()
        || embeddingGradients.length != batch.count * embeddingSize()) {
      throw new IllegalArgumentException(
          "Gradients must have the lengths of embeddings and parameters, "
              + batch.count * embeddingSize()
              + " and "
              + network.layout().size()
              + ", found "
              + embeddingGradients.length
              + " and "
              + gradient.length);
    }
    team.run(
        member -> {
          BatchSlice slice = batch.slice(member);
          List<GradientPlan.Step> steps = (slice != null ? slice : batch.slice(0)).plan.steps();
          if (slice != null) {
            batch.copyIn(member, embeddingGradients, slice.gradients.get(0).gradient());
          }
          for (int i = 0; i < steps.size(); i++) {
            backward(i, steps.get(i), slice, batch, member, gradient);
          }
          team.meet();
          weights.addGradients(member, batch.active(), gradient, members[member].stream);
        });
  }

  private void backward(
      int index,
      GradientPlan.Step step,
      BatchSlice slice,
      MicroBatch batch,
      int member,
      float[] gradient) {
    Member self = members[member];
    Network.Operation operation = step.operation();
    Arena arena = batch.arenas[member];
    int views = batch.slices[member];
    Norms.Gradients gradients = slice == null ? null : slice.gradients.get(index);
    if (operation instanceof Network.Normalisation norm) {
      if (norm.overBatch()) {
        weights
            .batchNorm(norm)
            .backward(arena, gradients, member, batch.slices, gradient, self.scratch);
      } else {
        weights.groupNorm(norm).backward(arena, gradients, member, views, self.scratch);
      }
      return;
    }
    if (slice == null) {
      return;
    }
    if (gradients.other() != null) {
      Kernels.add(gradients.gradient(), gradients.other(), 0, gradients.gradient().capacity());
    }
    if (operation instanceof Network.Convolution) {
      ConvolutionKernels kernels = slice.convolution(operation);
      OneDnn.execute(kernels.backwardWeights, self.stream, arena.arguments.get(operation)[1]);
      if (step.input() != null) {
        OneDnn.execute(kernels.backwardData, self.stream, slice.dataArguments(operation));
      }
    } else if (operation instanceof Network.MaxPool) {
      OneDnn.execute(
          slice.pool(operation).backward, self.stream, arena.arguments.get(operation)[1]);
    } else if (operation instanceof Network.AveragePool) {
      Pools.averageGradient(operation, gradients.gradient(), gradients.input(), views);
    } else {
      weights
          .dense(operation)
          .backward(
              arena.pointers[operation.in().id()],
              slice.pointer(step.gradient()),
              slice.pointer(step.input()),
              views,
              member);
    }
  }

  @Override
  public long activationBytes(int count) {
    MicroBatch shape = new MicroBatch(count, network, members);
    long[] bytes = new long[members.length];
    team.run(
        member -> {
          BatchSlice slice = shape.slice(member);
          bytes[member] = slice == null ? 0 : slice.arenaBytes();
        });
    return Arrays.stream(bytes).sum();
  }

  /** Sizes of micro-batches that have memory now. */
  int sizesWithMemory() {
    return members[0].sliceCount();
  }

  /** Bytes of the activations that {@link #features} works in. */
  long inferenceBytes() {
    return Arrays.stream(members).mapToLong(member -> member.inference().bytes()).sum();
  }

  @Override
  public boolean isFailed() {
    return team.hasFailed();
  }

  @Override
  public void close() {
    super.close();
    team.close();
    for (Member member : members) {
      member.close();
    }
    weights.close();
  }
}
