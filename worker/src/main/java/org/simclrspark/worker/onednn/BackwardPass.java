package org.simclrspark.worker.onednn;

import org.bytedeco.dnnl.dnnl_primitive;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.GradientPlan;

/** One thread's backward pass over its part of a micro-batch. */
final class BackwardPass implements Network.Visitor {

  private final EngineWeights weights;
  private final MicroBatch batch;
  private final int member;
  private final Member self;

  /** Receives the gradients of batch norms, in the layout of the parameters. */
  private final float[] gradient;

  private final int views;

  /** These are null where the member has no views. */
  private final Arena arena;

  private final BatchSlice slice;
  private Norms.Gradients gradients;

  private GradientPlan.Step step;

  BackwardPass(EngineWeights weights, MicroBatch batch, int member, Member self, float[] gradient) {
    this.weights = weights;
    this.batch = batch;
    this.member = member;
    this.self = self;
    this.gradient = gradient;
    views = batch.slices[member];
    arena = batch.arenas[member];
    slice = batch.slice(member);
  }

  /** Runs all operations backward, from dL/dz [count, d] on. */
  void run(float[] embeddingGradients) {
    GradientPlan plan = (slice != null ? slice : batch.slice(0)).plan;
    if (slice != null) {
      batch.copyIn(member, embeddingGradients, slice.gradients.get(0).gradient());
    }
    for (int i = 0; i < plan.steps().size(); i++) {
      step = plan.steps().get(i);
      gradients = slice == null ? null : slice.gradients.get(i);
      step.operation().accept(this);
    }
  }

  @Override
  public void normalisation(Network.Normalisation operation) {
    BatchNorm batchNorm = weights.batchNorm(operation);
    if (batchNorm != null) {
      batchNorm.backward(arena, gradients, member, batch.slices, gradient, self.scratch);
    } else {
      weights.groupNorm(operation).backward(arena, gradients, member, views, self.scratch);
    }
  }

  @Override
  public void convolution(Network.Convolution operation) {
    if (!begins()) {
      return;
    }
    ConvolutionWeights weight = weights.convolution(operation);
    if (weight.tiles != null) {
      weight.tiles.convolution.backwardWeights(
          arena.views[operation.in().id()].asFloatBuffer(),
          gradients.gradient().asFloatBuffer(),
          views,
          weight.gradient(member).asFloatBuffer(),
          self.tiles);
      if (step.input() != null) {
        weight.tiles.convolution.backwardData(
            gradients.gradient().asFloatBuffer(),
            gradients.input().asFloatBuffer(),
            views,
            self.tiles);
      }
    } else {
      ConvolutionKernels kernels = slice.convolution(operation);
      execute(kernels.backwardWeights, operation);
      if (step.input() != null) {
        OneDnn.execute(kernels.backwardData, self.stream, slice.dataArguments(operation));
      }
    }
  }

  @Override
  public void maxPool(Network.MaxPool operation) {
    if (begins()) {
      execute(slice.pool(operation).backward, operation);
    }
  }

  @Override
  public void averagePool(Network.AveragePool operation) {
    if (begins()) {
      Pools.averageGradient(operation, gradients.gradient(), gradients.input(), views);
    }
  }

  @Override
  public void dense(Network.Dense operation) {
    if (begins()) {
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

  /** Adds up the gradients that arrive at an operation; false without views. Norms add theirs. */
  private boolean begins() {
    if (slice != null && gradients.other() != null) {
      Kernels.add(gradients.gradient(), gradients.other(), 0, gradients.gradient().capacity());
    }
    return slice != null;
  }

  private void execute(dnnl_primitive primitive, Network.Operation operation) {
    OneDnn.execute(primitive, self.stream, arena.arguments.get(operation)[1]);
  }
}
