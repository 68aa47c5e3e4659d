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
  private final Map<Network.Operation, WeightStandardisation> standardisations =
      new IdentityHashMap<>();
  private final Map<Integer, ArrayDeque<Frame.Activations>> idle = new HashMap<>();
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
      for (Network.Operation operation : network.operations()) {
        if (operation instanceof Network.Convolution convolution) {
          standardisations.put(operation, new WeightStandardisation(convolution));
        }
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
          int offset = ((Network.Convolution) operation).weight().offset();
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
    Network.Tensor input = network.input();
    int length = input.channels() * input.pixels();
    if (count < 1 || views.length < (long) count * length) {
      throw new IllegalArgumentException(
          "A micro-batch must have at least one view and "
              + length
              + " values a view, found "
              + count
              + " views and "
              + views.length
              + " values");
    }
    Kept kept = new Kept(count);
    team.run(
        member -> {
          ArrayDeque<Frame.Activations> frames =
              idle.computeIfAbsent(count, n -> new ArrayDeque<>());
          Frame.Activations frame =
              frames.isEmpty() ? new Frame.Activations(network, count) : frames.pop();
          kept.frame = frame;
          frame.arrays[0].assign(
              Nd4j.create(Arrays.copyOf(views, count * length), frame.arrays[0].shape(), 'c'));
          List<Network.Operation> operations =
              running == null ? network.operations() : network.encoderOperations();
          for (Network.Operation operation : operations) {
            forward(operation, frame, running);
          }
          kept.finish(running == null);
        });
    return kept;
  }

  private void forward(Network.Operation operation, Frame.Activations frame, float[] running) {
    INDArray x = frame.arrays[operation.in().id()];
    INDArray y = frame.arrays[operation.out().id()];
    if (operation instanceof Network.Convolution convolution) {
      Arithmetic.convolution(convolution, x, parameters.get(convolution.weight().offset()), y);
    } else if (operation instanceof Network.Normalisation norm) {
      INDArray residual = norm.residual() == null ? null : frame.arrays[norm.residual().id()];
      INDArray shift = norm.shift() == null ? null : parameters.get(norm.shift().offset());
      INDArray[] moments =
          Nd4jNorms.forward(
              norm,
              x,
              residual,
              y,
              parameters.get(norm.scale().offset()),
              shift,
              running == null || !norm.overBatch() ? null : running(norm, running));
      frame.moments.put(norm, moments);
    } else if (operation instanceof Network.MaxPool) {
      Arithmetic.maxPool(x, y);
    } else if (operation instanceof Network.AveragePool) {
      y.assign(x.mean(2, 3).reshape(y.shape()));
    } else if (operation instanceof Network.Dense dense) {
      matrix(x).mmul(parameters.get(dense.weight().offset()).transpose(), matrix(y));
    }
  }

  private static INDArray[] running(Network.Normalisation norm, float[] running) {
    int channels = norm.in().channels();
    int from = norm.statistics();
    return new INDArray[] {
      Nd4j.createFromArray(Arrays.copyOfRange(running, from, from + channels)),
      Nd4j.createFromArray(Arrays.copyOfRange(running, from + channels, from + 2 * channels))
    };
  }

  private static INDArray matrix(INDArray array) {
    return array.reshape('c', array.size(0), array.size(1));
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
          for (GradientPlan.Step step : backward.plan().steps()) {
            backward(step, kept.frame, backward);
          }
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

  private void backward(GradientPlan.Step step, Frame.Activations frame, Backward backward) {
    Network.Operation operation = step.operation();
    INDArray x = frame.arrays[operation.in().id()];
    INDArray dy = backward.workspace().array(step.gradient(), operation.out());
    if (step.other() != null) {
      dy.addi(backward.workspace().array(step.other(), operation.out()));
    }
    INDArray dx =
        step.input() == null
            ? backward.scratch().array(0, operation.in())
            : backward.workspace().array(step.input(), operation.in());
    if (operation instanceof Network.Convolution convolution) {
      int weight = convolution.weight().offset();
      Arithmetic.convolutionGradient(
          convolution, x, parameters.get(weight), dy, dx, gradients.get(weight));
    } else if (operation instanceof Network.Normalisation norm) {
      if (norm.relu()) {
        Arithmetic.reluGradient(frame.arrays[norm.out().id()], dy);
      }
      INDArray[] scratch = {
        backward.scratch().array(0, norm.in()), backward.scratch().array(x.length(), norm.in())
      };
      INDArray scale = parameters.get(norm.scale().offset());
      INDArray[] found =
          Nd4jNorms.backward(norm, x, frame.moments.get(norm), scale, dy, dx, scratch);
      gradients.get(norm.scale().offset()).assign(found[0]);
      if (norm.shift() != null) {
        gradients.get(norm.shift().offset()).assign(found[1]);
      }
    } else if (operation instanceof Network.MaxPool) {
      Arithmetic.maxPoolGradient(x, dy, dx);
    } else if (operation instanceof Network.AveragePool) {
      Arithmetic.spread(matrix(dy).div(operation.in().pixels()), dx);
    } else if (operation instanceof Network.Dense dense) {
      INDArray weight = parameters.get(dense.weight().offset());
      gradients.get(dense.weight().offset()).assign(matrix(dy).transpose().mmul(matrix(x)));
      matrix(dx).assign(matrix(dy).mmul(weight));
    }
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
          int offset = ((Network.Convolution) operation).weight().offset();
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
          idle.values().forEach(frames -> frames.forEach(Frame.Activations::close));
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
    Frame.Activations frame;
    float[] result;
    private float[] statistics;

    Kept(int count) {
      this.count = count;
    }

    void finish(boolean training) {
      result = array(training ? network.embedding() : network.features());
      statistics = new float[training ? statisticsSize() : 0];
      for (Network.Operation operation : network.operations()) {
        if (training && operation instanceof Network.Normalisation norm && norm.overBatch()) {
          INDArray[] moments = frame.moments.get(norm);
          int channels = norm.in().channels();
          copy(moments[0], norm.statistics());
          copy(moments[2], norm.statistics() + channels);
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
        Frame.Activations released = frame;
        frame = null;
        team.run(member -> idle.get(count).push(released));
      }
    }
  }
}
