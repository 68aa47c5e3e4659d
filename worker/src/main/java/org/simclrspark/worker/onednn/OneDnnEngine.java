package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.Engine;
import org.simclrspark.worker.GradientPlan;
import org.simclrspark.worker.Network;
import org.simclrspark.worker.ParameterLayout;
import org.simclrspark.worker.Team;
import org.simclrspark.worker.WeightStandardisation;

/**
 * The engine for CPUs: oneDNN's convolutions on blocked activations, norms fused with ReLU and
 * residual addition, all memory planned once per micro-batch size.
 *
 * <p>Each of its threads runs the whole network on its own part of the micro-batch; they meet where
 * batch norm needs the whole.
 */
public final class OneDnnEngine implements Engine {

  private final Network network;
  private final Team team;
  private final Member[] members;
  private final Map<Network.Operation, ConvolutionWeights> convolutions = new IdentityHashMap<>();
  private final Map<Network.Operation, DenseWeights> denses = new IdentityHashMap<>();
  private final Map<Network.Operation, WeightStandardisation> standardisations =
      new IdentityHashMap<>();
  private final Map<Network.Operation, BatchNorm> batchNorms = new IdentityHashMap<>();
  private final Map<Network.Operation, GroupNorm> groupNorms = new IdentityHashMap<>();
  private final List<NormParameters> norms = new ArrayList<>();

  /** Operations with weights that each member loads and whose gradients it adds. */
  private final List<List<Network.Operation>> shares = new ArrayList<>();

  /** What one thread works with. */
  private static final class Member {
    final dnnl_stream stream = OneDnn.stream();
    final Scratch scratch;
    final Map<Integer, Slice> slices = new HashMap<>();

    Member(int channels) {
      scratch = new Scratch(channels);
    }
  }

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
    int widest =
        network.tensors().stream().mapToInt(t -> Shapes.padded(t.channels())).max().orElseThrow();
    for (int member = 0; member < threads; member++) {
      members[member] = new Member(widest);
      shares.add(new ArrayList<>());
    }
    team.run(
        member -> {
          if (member == 0) {
            prepare(threads);
          }
        });
  }

  private void prepare(int threads) {
    long[] load = new long[threads];
    for (Network.Operation operation : network.operations()) {
      int weights = 0;
      if (operation instanceof Network.Convolution convolution) {
        try (ConvolutionKernels probe =
            new ConvolutionKernels(convolution, 8, convolution.in().id() != 0, null)) {
          convolutions.put(
              operation, new ConvolutionWeights(convolution, probe.formats(), threads));
        }
        if (network.standardisesWeights()) {
          standardisations.put(operation, new WeightStandardisation(convolution));
        }
        weights = convolution.weight().length();
      } else if (operation instanceof Network.Dense dense) {
        denses.put(operation, new DenseWeights(dense, threads));
        weights = dense.weight().length();
      } else if (operation instanceof Network.Normalisation norm) {
        NormParameters parameters = new NormParameters(norm, threads);
        norms.add(parameters);
        if (norm.overBatch()) {
          batchNorms.put(norm, new BatchNorm(parameters, team));
        } else {
          groupNorms.put(norm, new GroupNorm(parameters));
        }
      }
      if (weights > 0) {
        int lightest = 0;
        for (int member = 1; member < threads; member++) {
          if (load[member] < load[lightest]) {
            lightest = member;
          }
        }
        load[lightest] += weights;
        shares.get(lightest).add(operation);
      }
    }
  }

  /** The network that the engine runs. */
  public Network network() {
    return network;
  }

  @Override
  public ParameterLayout parameters() {
    return network.layout();
  }

  @Override
  public int statisticsSize() {
    return network.statisticsSize();
  }

  @Override
  public int featureSize() {
    return network.features().channels();
  }

  @Override
  public int embeddingSize() {
    return network.embedding().channels();
  }

  @Override
  public float[] initialParameters(long seed) {
    return network.initialParameters(seed);
  }

  @Override
  public void load(float[] values) {
    if (values.length != network.layout().size()) {
      throw new IllegalArgumentException(
          "Parameters must number " + network.layout().size() + ", found " + values.length);
    }
    team.run(
        member -> {
          for (Network.Operation operation : shares.get(member)) {
            if (operation instanceof Network.Convolution convolution) {
              int offset = convolution.weight().offset();
              WeightStandardisation standardisation = standardisations.get(operation);
              boolean standard = standardisation != null;
              convolutions
                  .get(operation)
                  .load(
                      standard ? standardisation.apply(values, offset) : values,
                      standard ? 0 : offset,
                      members[member].stream);
            } else {
              denses.get(operation).load(values);
            }
          }
          if (member == 0) {
            norms.forEach(norm -> norm.load(values));
          }
        });
  }

  @Override
  public Activations forward(float[] views, int count) {
    return run(views, count, null);
  }

  @Override
  public float[] features(float[] views, int count, float[] statistics) {
    if (statistics.length != statisticsSize()) {
      throw new IllegalArgumentException(
          "Statistics must number " + statisticsSize() + ", found " + statistics.length);
    }
    try (Kept kept = run(views, count, statistics)) {
      float[] features = new float[count * featureSize()];
      kept.copyOut(network.features(), features);
      return features;
    }
  }

  private Kept run(float[] views, int count, float[] running) {
    int viewLength = network.input().channels() * network.input().pixels();
    if (count < 1 || views.length < (long) count * viewLength) {
      throw new IllegalArgumentException(
          "A micro-batch must have at least one view and "
              + viewLength
              + " values a view, found "
              + count
              + " views and "
              + views.length
              + " values");
    }
    Kept kept = new Kept(count);
    List<Network.Operation> operations =
        running == null ? network.operations() : network.encoderOperations();
    try {
      team.run(
          member -> {
            int slice = kept.slices[member];
            if (slice > 0) {
              kept.arenas[member] = slice(member, slice).acquire();
              kept.arenas[member]
                  .views[0]
                  .asFloatBuffer()
                  .put(views, kept.starts[member] * viewLength, slice * viewLength);
            }
            for (Network.Operation operation : operations) {
              forward(operation, kept, member, running);
            }
          });
    } catch (RuntimeException e) {
      kept.close();
      throw e;
    }
    if (running == null) {
      kept.finish();
    }
    return kept;
  }

  private Slice slice(int member, int views) {
    return members[member].slices.computeIfAbsent(
        views, n -> new Slice(network, n, member, convolutions));
  }

  private void forward(Network.Operation operation, Kept kept, int member, float[] running) {
    Member self = members[member];
    Arena arena = kept.arenas[member];
    int views = kept.slices[member];
    if (operation instanceof Network.Normalisation norm && norm.overBatch()) {
      batchNorms.get(norm).forward(arena, member, kept.slices, running, self.scratch);
      return;
    }
    if (arena == null) {
      return;
    }
    Slice slice = slice(member, views);
    if (operation instanceof Network.Convolution) {
      OneDnn.execute(
          slice.convolution(operation).forward, self.stream, arena.arguments.get(operation)[0]);
    } else if (operation instanceof Network.Normalisation norm) {
      groupNorms.get(norm).forward(arena, views, self.scratch);
    } else if (operation instanceof Network.MaxPool) {
      OneDnn.execute(slice.pool(operation).forward, self.stream, arena.arguments.get(operation)[0]);
    } else if (operation instanceof Network.AveragePool) {
      Pools.average(operation, arena, views);
    } else {
      denses
          .get(operation)
          .forward(
              arena.pointers[operation.in().id()], arena.pointers[operation.out().id()], views);
    }
  }

  @Override
  public void backward(Activations activations, float[] embeddingGradients, float[] gradient) {
    Kept kept = (Kept) activations;
    if (gradient.length != network.layout().size()
        || embeddingGradients.length != kept.count * embeddingSize()) {
      throw new IllegalArgumentException(
          "Gradients must have the lengths of embeddings and parameters, "
              + kept.count * embeddingSize()
              + " and "
              + network.layout().size()
              + ", found "
              + embeddingGradients.length
              + " and "
              + gradient.length);
    }
    team.run(
        member -> {
          Slice slice = kept.slices[member] > 0 ? slice(member, kept.slices[member]) : null;
          List<GradientPlan.Step> steps =
              slice != null ? slice.plan.steps() : slice(0, kept.slices[0]).plan.steps();
          if (slice != null) {
            kept.copyIn(member, embeddingGradients, slice.gradients.get(0).gradient());
          }
          for (int i = 0; i < steps.size(); i++) {
            backward(i, steps.get(i), slice, kept, member, gradient);
          }
          team.meet();
          addGradients(member, kept.active(), gradient);
        });
  }

  private void backward(
      int index, GradientPlan.Step step, Slice slice, Kept kept, int member, float[] gradient) {
    Member self = members[member];
    Network.Operation operation = step.operation();
    Arena arena = kept.arenas[member];
    int views = kept.slices[member];
    Norms.Gradients gradients = slice == null ? null : slice.gradients.get(index);
    if (operation instanceof Network.Normalisation norm) {
      if (norm.overBatch()) {
        batchNorms
            .get(norm)
            .backward(arena, gradients, member, kept.slices, gradient, self.scratch);
      } else {
        groupNorms.get(norm).backward(arena, gradients, member, views, self.scratch);
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
      denses
          .get(operation)
          .backward(
              arena.pointers[operation.in().id()],
              slice.pointer(step.gradient()),
              slice.pointer(step.input()),
              views,
              member);
    }
  }

  private void addGradients(int member, int active, float[] gradient) {
    for (Network.Operation operation : shares.get(member)) {
      if (operation instanceof Network.Convolution convolution) {
        WeightStandardisation standardisation = standardisations.get(operation);
        ConvolutionWeights weights = convolutions.get(operation);
        int offset = convolution.weight().offset();
        if (standardisation == null) {
          weights.addGradient(active, gradient, offset, members[member].stream);
        } else {
          float[] standard = new float[convolution.weight().length()];
          weights.addGradient(active, standard, 0, members[member].stream);
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
  public long activationBytes(int count) {
    Kept shape = new Kept(count);
    long[] bytes = new long[members.length];
    team.run(
        member -> {
          if (shape.slices[member] > 0) {
            bytes[member] = slice(member, shape.slices[member]).arenaBytes();
          }
        });
    return Arrays.stream(bytes).sum();
  }

  @Override
  public void close() {
    team.close();
    for (Member member : members) {
      member.slices.values().forEach(Slice::close);
      dnnl.dnnl_stream_destroy(member.stream);
    }
    convolutions.values().forEach(ConvolutionWeights::close);
    denses.values().forEach(DenseWeights::close);
  }

  /** The activations of a micro-batch. */
  private final class Kept implements Activations {
    final int count;
    final int[] slices;
    final int[] starts;
    final Arena[] arenas;
    private float[] embeddings;
    private float[] statistics;

    Kept(int count) {
      this.count = count;
      slices = new int[members.length];
      starts = new int[members.length];
      arenas = new Arena[members.length];
      for (int member = 0, start = 0; member < members.length; member++) {
        slices[member] = count / members.length + (member < count % members.length ? 1 : 0);
        starts[member] = start;
        start += slices[member];
      }
    }

    /** Members that have views. */
    int active() {
      return Math.min(count, members.length);
    }

    void finish() {
      embeddings = new float[count * embeddingSize()];
      copyOut(network.embedding(), embeddings);
      statistics = new float[statisticsSize()];
      for (Network.Operation operation : network.operations()) {
        BatchNorm norm = batchNorms.get(operation);
        if (norm != null) {
          norm.statistics(slices, statistics, members[0].scratch);
        }
      }
    }

    /** Copies rows of a vector out of their padding. */
    void copyOut(Network.Tensor tensor, float[] to) {
      int stride = Shapes.padded(tensor.channels());
      for (int member = 0; member < active(); member++) {
        java.nio.FloatBuffer rows = arenas[member].views[tensor.id()].asFloatBuffer();
        for (int view = 0; view < slices[member]; view++) {
          rows.position(view * stride);
          rows.get(to, (starts[member] + view) * tensor.channels(), tensor.channels());
        }
      }
    }

    void copyIn(int member, float[] from, ByteBuffer to) {
      int length = embeddingSize();
      int stride = Shapes.padded(length);
      java.nio.FloatBuffer rows = to.asFloatBuffer();
      for (int view = 0; view < slices[member]; view++) {
        rows.position(view * stride);
        rows.put(from, (starts[member] + view) * length, length);
        for (int c = length; c < stride; c++) {
          rows.put(0f);
        }
      }
    }

    @Override
    public float[] embeddings() {
      return embeddings;
    }

    @Override
    public float[] statistics() {
      return statistics;
    }

    @Override
    public void close() {
      for (int member = 0; member < arenas.length; member++) {
        if (arenas[member] != null) {
          members[member].slices.get(slices[member]).release(arenas[member]);
          arenas[member] = null;
        }
      }
    }
  }
}
