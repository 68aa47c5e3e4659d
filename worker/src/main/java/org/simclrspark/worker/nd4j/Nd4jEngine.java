package org.simclrspark.worker.nd4j;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.engine.NetworkEngine;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.WeightStandardisation;
import org.simclrspark.worker.workspace.GradientPlan;

/**
 * The engine on ND4J's own operations, for the backend that is on the class path: cuDNN's and
 * cuBLAS's on a GPU. On CPUs it serves as a second opinion; it is slower there than the one on
 * oneDNN.
 *
 * <p>All its work runs on one thread of its own, to which ND4J binds the device.
 */
public final class Nd4jEngine extends MicroBatchEngine implements NetworkEngine {

  private final Network network;
  private final Team team;
  private final Map<Integer, INDArray> parameters = new HashMap<>();
  private final Map<Integer, INDArray> gradients = new HashMap<>();
  private final Map<Network.Convolution, WeightStandardisation> standardisations =
      new IdentityHashMap<>();
  private final Map<Integer, ArrayDeque<Frame.Batch>> idle = new HashMap<>();
  private final Map<Integer, Backward> plans = new HashMap<>();

  /** The backward pass of one micro-batch size. */
  private record Backward(GradientPlan plan, Frame workspace, Frame scratch) {}

  /**
   * Makes an engine.
   *
   * @param prepareThread runs once on the engine's thread, to choose its device
   */
  public Nd4jEngine(EncoderSettings settings, Runnable prepareThread) {
    network = new Network(settings);
    team = new Team(1, prepareThread);
    team.run(
        member -> {
          for (ParameterLayout.Block block : network.layout().blocks()) {
            long[] shape = block.shape().stream().mapToLong(Integer::longValue).toArray();
            parameters.put(block.offset(), Nd4j.create(shape));
            gradients.put(block.offset(), Nd4j.create(shape));
          }
        });
    if (network.standardisesWeights()) {
      for (Network.Convolution operation : network.operations(Network.Convolution.class)) {
        standardisations.put(operation, new WeightStandardisation(operation));
      }
    }
  }

  @Override
  public String name() {
    return Natives.cudaBuild() ? "nd4j on CUDA" : "nd4j";
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  protected void setParameters(float[] values) {
    requireParameters(values);
    float[] standardised = standardisations.isEmpty() ? values : values.clone();
    standardisations.forEach(
        (operation, standardisation) -> {
          int offset = operation.weight().offset();
          float[] weights = standardisation.apply(values, offset);
          System.arraycopy(weights, 0, standardised, offset, weights.length);
        });
    team.run(
        member -> {
          for (ParameterLayout.Block block : network.layout().blocks()) {
            INDArray array = parameters.get(block.offset());
            array.assign(
                Nd4j.create(
                    Arrays.copyOfRange(
                        standardised, block.offset(), block.offset() + block.length()),
                    array.shape(),
                    'c'));
          }
        });
  }

  @Override
  public Activations forward(float[] views, int count) {
    return run(views, count, null);
  }

  @Override
  public float[] features(float[] views, int count, float[] statistics) {
    requireStatistics(statistics);
    try (Kept kept = run(views, count, statistics)) {
      return kept.result;
    }
  }

  private Kept run(float[] views, int count, float[] running) {
    requireViews(views, count);
    int length = viewSize();
    Kept kept = new Kept(count);
    team.run(
        member -> {
          ArrayDeque<Frame.Batch> frames = idle.computeIfAbsent(count, n -> new ArrayDeque<>());
          Frame.Batch frame = frames.isEmpty() ? new Frame.Batch(network, count) : frames.pop();
          kept.frame = frame;
          frame.arrays[0].assign(
              Nd4j.create(Arrays.copyOf(views, count * length), frame.arrays[0].shape(), 'c'));
          List<Network.Operation> operations =
              running == null ? network.operations() : network.encoderOperations();
          Nd4jForward pass = new Nd4jForward(frame, parameters, running);
          operations.forEach(operation -> operation.accept(pass));
          kept.finish(running == null);
        });
    return kept;
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
          Backward backward = plans.computeIfAbsent(kept.count, this::plan);
          INDArray first =
              backward
                  .workspace()
                  .array(backward.plan().steps().get(0).gradient(), network.embedding());
          first.assign(Nd4j.create(embeddingGradients, first.shape(), 'c'));
          Nd4jBackward pass =
              new Nd4jBackward(
                  kept.frame, backward.workspace(), backward.scratch(), parameters, gradients);
          backward.plan().steps().forEach(pass::run);
          addGradients(gradient);
        });
  }

  private Backward plan(int count) {
    GradientPlan plan =
        new GradientPlan(network, tensor -> Frame.values(tensor, count) * Float.BYTES);
    long largest =
        network.tensors().stream().mapToLong(t -> Frame.values(t, count)).max().orElseThrow();
    return new Backward(
        plan, new Frame(plan.bytes() / Float.BYTES, count), new Frame(2 * largest, count));
  }

  private void addGradients(float[] gradient) {
    for (ParameterLayout.Block block : network.layout().blocks()) {
      if (!standardisations.isEmpty() && block.shape().size() == 4) {
        continue;
      }
      float[] values = gradients.get(block.offset()).data().asFloat();
      for (int i = 0; i < values.length; i++) {
        gradient[block.offset() + i] += values[i];
      }
    }
    standardisations.forEach(
        (operation, standardisation) -> {
          int offset = operation.weight().offset();
          standardisation.addGradient(gradients.get(offset).data().asFloat(), gradient, offset);
        });
  }

  @Override
  public long activationBytes(int count) {
    return Frame.activationValues(network, count) * Float.BYTES;
  }

  @Override
  public boolean isFailed() {
    return team.hasFailed();
  }

  @Override
  public void close() {
    super.close();
    team.run(
        member -> {
          idle.values().forEach(frames -> frames.forEach(Frame.Batch::close));
          plans
              .values()
              .forEach(
                  plan -> {
                    plan.workspace().close();
                    plan.scratch().close();
                  });
          parameters.values().forEach(INDArray::close);
          gradients.values().forEach(INDArray::close);
        });
    team.close();
  }

  /** The activations of a micro-batch. */
  private final class Kept implements Activations {
    final int count;
    Frame.Batch frame;
    float[] result;
    private float[] statistics;

    Kept(int count) {
      this.count = count;
    }

    void finish(boolean training) {
      result = array(training ? network.embedding() : network.features());
      statistics = new float[training ? statisticsSize() : 0];
      if (training) {
        for (Network.Normalisation norm : network.batchNorms()) {
          INDArray[] moments = frame.moments.get(norm);
          copy(moments[0], norm.statistics());
          copy(moments[2], norm.statistics() + norm.in().channels());
        }
      }
    }

    private float[] array(Network.Tensor tensor) {
      return frame.arrays[tensor.id()].dup('c').data().asFloat();
    }

    private void copy(INDArray vector, int offset) {
      float[] values = vector.toFloatVector();
      System.arraycopy(values, 0, statistics, offset, values.length);
    }

    @Override
    public float[] embeddings() {
      return result;
    }

    @Override
    public float[] statistics() {
      return statistics;
    }

    @Override
    public void close() {
      if (frame != null) {
        Frame.Batch released = frame;
        frame = null;
        team.run(member -> idle.get(count).push(released));
      }
    }
  }
}
