package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.workspace.InferencePlan;

/**
 * One thread's way from views to h, {@value #VIEWS} views at a time: few enough that activations
 * stay in the processor's caches. It keeps nothing for a backward pass, and a representation does
 * not depend on the views beside it.
 */
final class Inference implements AutoCloseable {

  /** Views encoded together. */
  static final int VIEWS = 8;

  private final Network network;
  private final int member;
  private final EngineWeights weights;
  private final Arena arena;
  private final Map<Network.Operation, Call> calls = new IdentityHashMap<>();
  private final List<dnnl_memory> memories = new ArrayList<>();
  private final List<Buffer> scratches = new ArrayList<>();

  /** The shape of the sums that norms work with: this member alone has views. */
  private final int[] slices;

  /** A primitive with what it works on. */
  private record Call(dnnl_primitive primitive, dnnl_exec_arg_t arguments) {}

  Inference(Network network, int member, int members, EngineWeights weights) {
    this.network = network;
    this.member = member;
    this.weights = weights;
    slices = new int[members];
    slices[member] = VIEWS;
    arena =
        new Arena(
            network, VIEWS, new InferencePlan(network, tensor -> Shapes.bytes(tensor, VIEWS)));
    Map<Long, Buffer> scratchBySize = new HashMap<>();
    for (Network.Convolution operation : network.operations(Network.Convolution.class)) {
      calls.put(operation, convolution(operation, scratchBySize));
    }
    for (Network.MaxPool operation : network.operations(Network.MaxPool.class)) {
      calls.put(operation, pool(operation));
    }
    scratches.addAll(scratchBySize.values());
  }

  /** Bytes of its activations. */
  long bytes() {
    return arena.bytes();
  }

  /**
   * Encodes some views.
   *
   * @param views pixel values in [0, 1], [.., 3, size, size], of which {@code count} from {@code
   *     first} on are taken, at most {@value #VIEWS}
   * @param statistics running means and variances
   * @param features receives their h, [.., {@code features}], from the same row on
   */
  void run(
      float[] views,
      int first,
      int count,
      float[] statistics,
      float[] features,
      dnnl_stream stream,
      Scratch scratch) {
    int length = network.input().channels() * network.input().pixels();
    arena.views[0].asFloatBuffer().put(views, first * length, count * length);
    Pass pass = new Pass(statistics, stream, scratch);
    network.encoderOperations().forEach(operation -> operation.accept(pass));
    int channels = network.features().channels();
    FloatBuffer rows = arena.views[network.features().id()].asFloatBuffer();
    for (int view = 0; view < count; view++) {
      rows.position(view * Shapes.padded(channels));
      rows.get(features, (first + view) * channels, channels);
    }
  }

  /** One pass through the operations of f. */
  private final class Pass implements Network.Visitor {
    private final float[] statistics;
    private final dnnl_stream stream;
    private final Scratch scratch;

    Pass(float[] statistics, dnnl_stream stream, Scratch scratch) {
      this.statistics = statistics;
      this.stream = stream;
      this.scratch = scratch;
    }

    @Override
    public void convolution(Network.Convolution operation) {
      execute(operation);
    }

    @Override
    public void normalisation(Network.Normalisation operation) {
      BatchNorm batchNorm = weights.batchNorm(operation);
      if (batchNorm != null) {
        batchNorm.forward(arena, member, slices, statistics, scratch);
      } else {
        weights.groupNorm(operation).forward(arena, VIEWS, scratch);
      }
    }

    @Override
    public void maxPool(Network.MaxPool operation) {
      execute(operation);
    }

    @Override
    public void averagePool(Network.AveragePool operation) {
      Pools.average(operation, arena, VIEWS);
    }

    @Override
    public void dense(Network.Dense operation) {
      throw new IllegalStateException("An encoder f has no dense layer, found " + operation);
    }

    private void execute(Network.Operation operation) {
      Call call = calls.get(operation);
      OneDnn.execute(call.primitive, stream, call.arguments);
    }
  }

  private Call convolution(Network.Convolution operation, Map<Long, Buffer> scratchBySize) {
    ConvolutionWeights weight = weights.convolutions().get(operation);
    ConvolutionKernels.Shape shape = new ConvolutionKernels.Shape(operation, VIEWS);
    dnnl_primitive_desc primitive =
        OneDnn.convolution(dnnl_forward_inference, shape, weight.formats.forward());
    dnnl_memory_desc scratchFormat = OneDnn.query(primitive, dnnl_query_scratchpad_md);
    Buffer scratch =
        scratchBySize.computeIfAbsent(OneDnn.bytes(scratchFormat), bytes -> new Buffer(bytes));
    dnnl_exec_arg_t arguments =
        OneDnn.arguments(
            DNNL_ARG_SRC,
            arena.memory(shape.source, operation.in()),
            DNNL_ARG_WEIGHTS,
            weight.forward,
            DNNL_ARG_DST,
            arena.memory(shape.destination, operation.out()),
            DNNL_ARG_SCRATCHPAD,
            keep(OneDnn.memory(scratchFormat, scratch.at(0))));
    OneDnn.release(shape.source, shape.destination, scratchFormat);
    return call(primitive, arguments);
  }

  private Call pool(Network.MaxPool operation) {
    PoolKernels.Shape shape = new PoolKernels.Shape(operation, VIEWS);
    dnnl_exec_arg_t arguments =
        OneDnn.arguments(
            DNNL_ARG_SRC, arena.memory(shape.source, operation.in()),
            DNNL_ARG_DST, arena.memory(shape.destination, operation.out()));
    Call call = call(OneDnn.maxPool(dnnl_forward_inference, shape), arguments);
    OneDnn.release(shape.source, shape.destination);
    return call;
  }

  private static Call call(dnnl_primitive_desc description, dnnl_exec_arg_t arguments) {
    dnnl_primitive primitive = OneDnn.primitive(description);
    dnnl_primitive_desc_destroy(description);
    return new Call(primitive, arguments);
  }

  private dnnl_memory keep(dnnl_memory memory) {
    memories.add(memory);
    return memory;
  }

  @Override
  public void close() {
    calls.values().forEach(call -> dnnl_primitive_destroy(call.primitive));
    memories.forEach(memory -> dnnl_memory_destroy(memory));
    scratches.forEach(Buffer::close);
    arena.close();
  }
}
