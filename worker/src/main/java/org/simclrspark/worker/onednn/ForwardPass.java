package org.simclrspark.worker.onednn;

import org.bytedeco.dnnl.dnnl_primitive;
import org.simclrspark.worker.network.Network;

/** One thread's forward pass over its part of a micro-batch, in training mode. */
final class ForwardPass implements Network.Visitor {

  private final EngineWeights weights;
  private final MicroBatch batch;
  private final int member;
  private final Member self;

  /** These are null where the member has no views. */
  private final Arena arena;

  private final BatchSlice slice;

  /** A pass over views that {@link MicroBatch#begin} has taken in. */
  ForwardPass(EngineWeights weights, MicroBatch batch, int member, Member self) {
    this.weights = weights;
    this.batch = batch;
    this.member = member;
    this.self = self;
    arena = batch.arenas[member];
    slice = batch.slice(member);
  }

  /** Runs an operation; without views only a batch norm, whose members wait for each other. */
  void run(Network.Operation operation) {
    BatchNorm batchNorm = weights.batchNorm(operation);
    if (batchNorm != null) {
      batchNorm.forward(arena, member, batch.slices, null, self.scratch);
    } else if (arena != null) {
      operation.accept(this);
    }
  }

  @Override
  public void convolution(Network.Convolution operation) {
    TileWeights tiles = weights.convolution(operation).tiles;
    if (tiles == null) {
      execute(slice.convolution(operation).forward, operation);
    } else {
      tiles.convolution.forward(
          arena.views[operation.in().id()].asFloatBuffer(),
          arena.views[operation.out().id()].asFloatBuffer(),
          batch.slices[member],
          self.tiles);
    }
  }

  @Override
  public void normalisation(Network.Normalisation operation) {
    weights.groupNorm(operation).forward(arena, batch.slices[member], self.scratch);
  }

  @Override
  public void maxPool(Network.MaxPool operation) {
    execute(slice.pool(operation).forward, operation);
  }

  @Override
  public void averagePool(Network.AveragePool operation) {
    Pools.average(operation, arena, batch.slices[member]);
  }

  @Override
  public void dense(Network.Dense operation) {
    weights
        .dense(operation)
        .forward(
            arena.pointers[operation.in().id()],
            arena.pointers[operation.out().id()],
            batch.slices[member]);
  }

  private void execute(dnnl_primitive primitive, Network.Operation operation) {
    OneDnn.execute(primitive, self.stream, arena.arguments.get(operation)[0]);
  }
}
