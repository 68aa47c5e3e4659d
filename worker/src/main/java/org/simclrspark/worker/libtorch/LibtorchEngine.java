package org.simclrspark.worker.libtorch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.worker.engine.KeptActivations;
import org.simclrspark.worker.engine.NetworkEngine;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.engine.Team;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.GpuDevice;
import org.simclrspark.worker.machine.Gpus;
import org.simclrspark.worker.machine.LibtorchLibraries;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.MicroBatches;
import org.simclrspark.worker.shard.ShardPass;
import org.simclrspark.worker.shard.ShardViews;

/**
 * The engine on libtorch, for GPUs of compute capability 7.5 and more; the same code runs on CPUs.
 * Autograd takes the gradient; the same bits come out each time on one kind of device.
 *
 * <p>All its work runs on one thread of its own, which is bound to the device.
 */
public final class LibtorchEngine implements NetworkEngine {

  /** Views that {@link #features} encodes together; the last are filled up with black ones. */
  private static final int INFERENCE = 64;

  private final Network network;
  private final Team team;
  private final KeptActivations<Forward> kept = new KeptActivations<>();
  private final Map<Integer, Tensor> biases = new HashMap<>();
  private TorchDevice device;
  private DeviceParameters parameters;
  private TorchNetwork forward;
  private UUID version;

  /**
   * Makes an engine.
   *
   * @param gpu to compute on; empty: the CPU
   * @param threads of the CPU
   * @throws DeviceException where the card, its driver or the process's environment cannot serve
   */
  public LibtorchEngine(
      EncoderSettings settings, Optional<GpuDevice> gpu, int threads, Precision precision) {
    gpu.ifPresent(Gpus::require);
    LibtorchLibraries.load();
    network = new Network(settings);
    team = new Team(1, () -> {});
    run(
        () -> {
          device = new TorchDevice(gpu, precision);
          device.configure(threads);
          parameters = new DeviceParameters(network, device);
          forward = new TorchNetwork(network, parameters, device);
          return null;
        });
  }

  /** What a micro-batch leaves behind for its backward pass: the embeddings end its graph. */
  private record Forward(Tensor embeddings, MaxPoolCut pool, TorchNetwork.Moments moments)
      implements AutoCloseable {

    /** Keeps it beyond the scope that made it. */
    void retain() {
      embeddings.retainReference();
      moments.means().retainReference();
      moments.variances().retainReference();
      if (pool != null) {
        pool.retain();
      }
    }

    @Override
    public void close() {
      embeddings.close();
      moments.means().close();
      moments.variances().close();
      if (pool != null) {
        pool.close();
      }
    }
  }

  /** Runs on the engine's thread. */
  private <T> T run(Supplier<T> work) {
    Object[] result = new Object[1];
    team.run(member -> result[0] = work.get());
    @SuppressWarnings("unchecked")
    T typed = (T) result[0];
    return typed;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  public void load(UUID newVersion, float[] values) {
    requireParameters(values);
    if (newVersion.equals(version)) {
      return;
    }
    version = null;
    run(
        () -> {
          // Graphs that are kept belong to the values before.
          kept.close();
          parameters.load(values);
          return null;
        });
    version = newVersion;
  }

  @Override
  public float[] embed(ShardPass pass, ShardViews views, MicroBatches batches) {
    return run(
        () -> {
          kept.enter(pass.step());
          try (PointerScope scope = new PointerScope()) {
            TensorVector rows = new TensorVector();
            for (int batch = 0; batch < batches.count(); batch++) {
              int size = batches.size(batch);
              Forward result = forward(views, batches, batch);
              rows.push_back(result.embeddings.detach());
              kept.offer(pass, batch, result, activationBytes(size));
            }
            if (batches.count() == 0) {
              return new float[0];
            }
            float[] byBatch = device.download(torch.cat(rows));
            return new RowOrder(batches, embeddingSize()).spread(byBatch);
          }
        });
  }

  /** Runs a micro-batch forward. */
  private Forward forward(ShardViews views, MicroBatches batches, int batch) {
    int size = batches.size(batch);
    int ofView = viewSize();
    byte[] bytes = batches.view(batch) == 0 ? views.first() : views.second();
    try (PointerScope scope = new PointerScope()) {
      Tensor uploaded =
          device.upload(bytes, batches.firstImage(batch) * ofView, size * ofView, shape(size));
      return forward(forward.pixels(uploaded));
    }
  }

  private Forward forward(Tensor pixels) {
    int channels = statisticsSize() / 2;
    TorchNetwork.Moments moments =
        new TorchNetwork.Moments(
            device.zeros(ScalarType.Float, channels), device.zeros(ScalarType.Float, channels));
    TorchNetwork.Result result = forward.embed(pixels, moments);
    Forward kept = new Forward(result.embeddings(), result.pool(), moments);
    // The rest goes with the scope; the graph holds what backward needs.
    kept.retain();
    return kept;
  }

  /** Takes a micro-batch's batch-norm statistics in. */
  private void pool(TorchNetwork.Moments moments, int size, DeviceStatistics statistics) {
    if (statisticsSize() > 0) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        statistics.add(moments.means(), moments.variances().nan_to_num().mul(bias(size)), size);
      }
    }
  }

  /** (n - 1) / n for every channel: from the variance that libtorch gives to the biased one. */
  private Tensor bias(int count) {
    return biases.computeIfAbsent(
        count,
        views -> {
          float[] factors = new float[statisticsSize() / 2];
          int from = 0;
          for (Network.Normalisation norm : network.batchNorms()) {
            double n = (double) views * norm.in().pixels();
            Arrays.fill(factors, from, from + norm.in().channels(), (float) ((n - 1) / n));
            from += norm.in().channels();
          }
          Tensor tensor = device.upload(factors, 0, factors.length, factors.length);
          tensor.retainReference();
          return tensor;
        });
  }

  private long[] shape(int count) {
    int side = network.input().side();
    return new long[] {count, network.input().channels(), side, side};
  }

  @Override
  public Sum backward(
      ShardPass pass, ShardViews views, MicroBatches batches, float[] embeddingGradients) {
    return run(
        () -> {
          kept.enter(pass.step());
          parameters.clearGradient();
          float[] dz = new RowOrder(batches, embeddingSize()).gather(embeddingGradients);
          int from = 0;
          try (DeviceStatistics statistics = new DeviceStatistics(device, normChannels())) {
            for (int batch = 0; batch < batches.count(); batch++) {
              int length = batches.size(batch) * embeddingSize();
              Forward found = kept.take(pass, batch);
              try (Forward result = found != null ? found : forward(views, batches, batch)) {
                pool(result.moments, batches.size(batch), statistics);
                backward(result, dz, from, length);
              }
              from += length;
            }
            return new Sum(parameters.gradient(), statistics.values());
          }
        });
  }

  private void backward(Forward result, float[] dz, int from, int length) {
    try (PointerScope scope = new PointerScope()) {
      Tensor upstream = device.upload(dz, from, length, length / embeddingSize(), embeddingSize());
      result.embeddings.backward(upstream, new BoolOptional(), false, new TensorArrayRefOptional());
      if (result.pool != null) {
        result.pool.backward();
      }
    }
  }

  @Override
  public float[] statistics(float[] views, int count) {
    requireViews(views, count);
    return run(
        () -> {
          try (DeviceStatistics statistics = new DeviceStatistics(device, normChannels());
              PointerScope scope = new PointerScope();
              NoGradGuard guard = new NoGradGuard()) {
            Tensor pixels = device.upload(views, 0, views.length, shape(count));
            try (Forward result = forward(forward.pixelsOf(pixels))) {
              pool(result.moments, count, statistics);
            }
            return statistics.values();
          }
        });
  }

  @Override
  public float[] features(float[] views, int count, float[] statistics) {
    requireStatistics(statistics);
    requireViews(views, count);
    return run(
        () -> {
          float[] features = new float[count * featureSize()];
          try (PointerScope scope = new PointerScope();
              NoGradGuard guard = new NoGradGuard()) {
            int channels = statistics.length / 2;
            float[] halves = DeviceStatistics.halves(statistics, normChannels());
            TorchNetwork.Moments running =
                new TorchNetwork.Moments(
                    device.upload(halves, 0, channels, channels),
                    device.upload(halves, channels, channels, channels));
            for (int first = 0; first < count; first += INFERENCE) {
              features(views, first, Math.min(INFERENCE, count - first), running, features);
            }
          }
          return features;
        });
  }

  private void features(
      float[] views, int first, int count, TorchNetwork.Moments running, float[] features) {
    try (PointerScope scope = new PointerScope()) {
      int ofView = viewSize();
      float[] filled = Arrays.copyOfRange(views, first * ofView, (first + count) * ofView);
      filled = Arrays.copyOf(filled, INFERENCE * ofView);
      Tensor pixels = device.upload(filled, 0, filled.length, shape(INFERENCE));
      float[] h = device.download(forward.features(forward.pixelsOf(pixels), running));
      System.arraycopy(h, 0, features, first * featureSize(), count * featureSize());
    }
  }

  /** What autograd keeps: every activation, and the maxima's places, 4 bytes each on GPUs. */
  @Override
  public long activationBytes(int count) {
    long bytes = 0;
    for (Network.Operation operation : network.operations()) {
      bytes += values(operation, count) * device.activationBytes();
    }
    for (Network.MaxPool operation : network.operations(Network.MaxPool.class)) {
      bytes += values(operation, count) * (device.isCpu() ? Long.BYTES : Integer.BYTES);
    }
    return bytes;
  }

  private static long values(Network.Operation operation, int count) {
    return (long) operation.out().channels() * operation.out().pixels() * count;
  }

  @Override
  public boolean holds(UUID step, int shard) {
    return kept.holds(step, shard);
  }

  @Override
  public boolean isEmpty() {
    return kept.isEmpty();
  }

  @Override
  public Traffic traffic() {
    return new Traffic(device.bytesIn(), device.bytesOut());
  }

  @Override
  public boolean isFailed() {
    return team.hasFailed();
  }

  @Override
  public void close() {
    // Where a call has failed, the device may answer nothing any more.
    if (!team.hasFailed()) {
      run(
          () -> {
            kept.close();
            biases.values().forEach(Tensor::close);
            parameters.close();
            return null;
          });
    }
    team.close();
  }
}
