package org.simclrspark.worker.onednn;

import java.util.Arrays;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.engine.NetworkEngine;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;

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
    team.run(member -> weights.load(member, values, members[member]));
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
            prepare(member);
            batch.begin(member, views);
            ForwardPass pass = new ForwardPass(weights, batch, member, members[member]);
            network.operations().forEach(pass::run);
          });
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
    batch.finish(weights);
    return batch;
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
          prepare(member);
          new BackwardPass(weights, batch, member, members[member], gradient)
              .run(embeddingGradients);
          team.meet();
          weights.addGradients(member, batch.active(), gradient, members[member]);
        });
  }

  /** Makes what training needs of new weights, each member its share, and waits for the others. */
  private void prepare(int member) {
    weights.prepare(member, members[member]);
    team.meet();
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

  /** Bytes of heap for what training alone needs of weights. */
  long tileBytes() {
    return weights.tileBytes();
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
