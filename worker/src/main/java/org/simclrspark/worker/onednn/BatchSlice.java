package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.GradientPlan;
import org.simclrspark.worker.workspace.WorkspacePart;

/**
 * One thread's part of a micro-batch of a fixed size: its primitives, the workspace of its backward
 * pass and the arenas of activations that are not in use.
 */
final class BatchSlice implements AutoCloseable {

  final int views;
  final GradientPlan plan;

  /** Views of the workspace, by step: gradient, other, input. */
  final List<Norms.Gradients> gradients = new ArrayList<>();

  private final Network network;
  private final int member;
  private final Map<Network.Operation, ConvolutionKernels> convolutions = new IdentityHashMap<>();
  private final Map<Network.Operation, PoolKernels> pools = new IdentityHashMap<>();
  private final Map<Network.Operation, dnnl_exec_arg_t> dataArguments = new IdentityHashMap<>();
  private final Map<Network.Operation, dnnl_memory> gradientMemories = new IdentityHashMap<>();
  private final Map<Network.Operation, dnnl_memory> inputMemories = new IdentityHashMap<>();
  private final Map<Network.Operation, ConvolutionWeights> weights;
  private final List<dnnl_memory> memories = new ArrayList<>();
  private final Buffer workspace;
  private final Buffer scratch;
  private final ArrayDeque<Arena> idle = new ArrayDeque<>();
  private final Map<Network.Operation, Long> extras = new IdentityHashMap<>();
  private long extraBytes;
  private int lent;

  BatchSlice(
      Network network, int views, int member, Map<Network.Operation, ConvolutionWeights> weights) {
    this.network = network;
    this.views = views;
    this.member = member;
    this.weights = weights;
    plan = new GradientPlan(network, tensor -> Shapes.bytes(tensor, views));
    workspace = new Buffer(plan.bytes());
    long scratchBytes = 0;
    for (Network.Convolution operation : network.operations(Network.Convolution.class)) {
      if (weights.get(operation).tiles != null) {
        continue;
      }
      ConvolutionKernels kernels =
          new ConvolutionKernels(
              operation, views, operation.in().id() != 0, weights.get(operation).formats);
      convolutions.put(operation, kernels);
      scratchBytes = Math.max(scratchBytes, kernels.scratchBytes());
    }
    for (Network.MaxPool operation : network.operations(Network.MaxPool.class)) {
      PoolKernels kernels = new PoolKernels(operation, views);
      pools.put(operation, kernels);
      extras.put(operation, extraBytes);
      extraBytes += Buffer.align(OneDnn.bytes(kernels.winners));
    }
    scratch = new Buffer(scratchBytes);
    plan.steps().forEach(this::bindStep);
  }

  private void bindStep(GradientPlan.Step step) {
    gradients.add(
        new Norms.Gradients(view(step.gradient()), view(step.other()), view(step.input())));
    Network.Operation operation = step.operation();
    ConvolutionKernels kernels = convolutions.get(operation);
    PoolKernels pool = pools.get(operation);
    if (kernels != null) {
      dnnl_memory gradient = memory(kernels.destination, step.gradient().offset());
      gradientMemories.put(operation, gradient);
      if (step.input() != null) {
        dnnl_memory input = memory(kernels.source, step.input().offset());
        dataArguments.put(
            operation,
            OneDnn.arguments(
                DNNL_ARG_DIFF_DST,
                gradient,
                DNNL_ARG_WEIGHTS,
                weights.get(operation).backwardData,
                DNNL_ARG_DIFF_SRC,
                input,
                DNNL_ARG_SCRATCHPAD,
                scratch(kernels.dataScratch)));
      }
    } else if (pool != null) {
      gradientMemories.put(operation, memory(pool.destination, step.gradient().offset()));
      inputMemories.put(operation, memory(pool.source, step.input().offset()));
    }
  }

  private ByteBuffer view(WorkspacePart part) {
    return part == null ? null : workspace.view(part.offset(), part.bytes());
  }

  org.bytedeco.javacpp.FloatPointer pointer(WorkspacePart part) {
    return workspace.at(part.offset());
  }

  private dnnl_memory memory(dnnl_memory_desc description, long offset) {
    dnnl_memory memory = OneDnn.memory(description, workspace.at(offset));
    memories.add(memory);
    return memory;
  }

  private dnnl_memory scratch(dnnl_memory_desc description) {
    dnnl_memory memory = OneDnn.memory(description, scratch.at(0));
    memories.add(memory);
    return memory;
  }

  ConvolutionKernels convolution(Network.Operation operation) {
    return convolutions.get(operation);
  }

  PoolKernels pool(Network.Operation operation) {
    return pools.get(operation);
  }

  dnnl_exec_arg_t dataArguments(Network.Operation operation) {
    return dataArguments.get(operation);
  }

  /** Bytes of one arena. */
  long arenaBytes() {
    return Arena.bytes(network, views) + extraBytes;
  }

  /** An arena to fill; {@link #release} takes it back. */
  Arena acquire() {
    lent++;
    Arena arena = idle.poll();
    return arena == null ? bind(new Arena(network, views, extraBytes)) : arena;
  }

  void release(Arena arena) {
    lent--;
    idle.push(arena);
  }

  /** Whether none of its arenas is in use. */
  boolean isIdle() {
    return lent == 0;
  }

  private Arena bind(Arena arena) {
    for (Map.Entry<Network.Operation, ConvolutionKernels> entry : convolutions.entrySet()) {
      Network.Operation operation = entry.getKey();
      ConvolutionKernels kernels = entry.getValue();
      ConvolutionWeights weight = weights.get(operation);
      dnnl_memory source = arena.memory(kernels.source, operation.in());
      dnnl_exec_arg_t forward =
          OneDnn.arguments(
              DNNL_ARG_SRC,
              source,
              DNNL_ARG_WEIGHTS,
              weight.forward,
              DNNL_ARG_DST,
              arena.memory(kernels.destination, operation.out()),
              DNNL_ARG_SCRATCHPAD,
              scratch(kernels.forwardScratch));
      dnnl_exec_arg_t backward =
          OneDnn.arguments(
              DNNL_ARG_SRC,
              source,
              DNNL_ARG_DIFF_DST,
              gradientMemories.get(operation),
              DNNL_ARG_DIFF_WEIGHTS,
              weight.gradients[member],
              DNNL_ARG_SCRATCHPAD,
              scratch(kernels.weightScratch));
      arena.arguments.put(operation, new dnnl_exec_arg_t[] {forward, backward});
    }
    for (Map.Entry<Network.Operation, PoolKernels> entry : pools.entrySet()) {
      Network.Operation operation = entry.getKey();
      PoolKernels kernels = entry.getValue();
      dnnl_memory winners = arena.extra(kernels.winners, extras.get(operation));
      dnnl_exec_arg_t forward =
          OneDnn.arguments(
              DNNL_ARG_SRC, arena.memory(kernels.source, operation.in()),
              DNNL_ARG_DST, arena.memory(kernels.destination, operation.out()),
              DNNL_ARG_WORKSPACE, winners);
      dnnl_exec_arg_t backward =
          OneDnn.arguments(
              DNNL_ARG_DIFF_DST, gradientMemories.get(operation),
              DNNL_ARG_DIFF_SRC, inputMemories.get(operation),
              DNNL_ARG_WORKSPACE, winners);
      arena.arguments.put(operation, new dnnl_exec_arg_t[] {forward, backward});
    }
    return arena;
  }

  @Override
  public void close() {
    idle.forEach(Arena::close);
    convolutions.values().forEach(ConvolutionKernels::close);
    pools.values().forEach(PoolKernels::close);
    memories.forEach(dnnl::dnnl_memory_destroy);
    workspace.close();
    scratch.close();
  }
}
