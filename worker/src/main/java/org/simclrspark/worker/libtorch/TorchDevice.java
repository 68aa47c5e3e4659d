package org.simclrspark.worker.libtorch;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.GpuDevice;

/**
 * The CPU or a GPU, as libtorch sees it: how it computes, and everything that is copied to it and
 * from it, which is counted.
 */
final class TorchDevice {

  /** Values that one core copies at a time. */
  private static final int PART = 1 << 20;

  private final Device device;
  private final Optional<CopyStream> copies;
  private final Optional<GpuDevice> gpu;
  private final Precision precision;
  private long bytesIn;
  private long bytesOut;

  /**
   * Chooses a device.
   *
   * @param gpu to compute on; empty: the CPU
   * @throws DeviceException where the process's environment shows the GPU to nobody
   */
  TorchDevice(Optional<GpuDevice> gpu, Precision precision) {
    this.precision = precision;
    this.gpu = gpu;
    device =
        gpu.map(CudaEnvironment::prepare)
            .map(index -> new Device(DeviceType.CUDA, index.byteValue()))
            .orElseGet(() -> new Device(DeviceType.CPU));
    Context context = torch.globalContext();
    // The same algorithm each time, and none that adds up in the order in which threads arrive.
    context.setDeterministicAlgorithms(true, false);
    context.setDeterministicFillUninitializedMemory(false);
    context.setDeterministicCuDNN(true);
    context.setDeterministicMkldnn(true);
    context.setBenchmarkCuDNN(false);
    // As in PyTorch by itself, only convolutions may be in TF32: not the products of the loss.
    context.setAllowTF32CuBLAS(false);
    if (!isCpu()) {
      context.lazyInitDevice(device.type());
    }
    copies = isCpu() ? Optional.empty() : Optional.of(new CopyStream(device));
  }

  /**
   * Prepares the process for an engine.
   *
   * @param threads of the CPU
   */
  void configure(int threads) {
    torch.set_num_threads(threads);
    torch.globalContext().setAllowTF32CuDNN(precision == Precision.TF32);
  }

  /** Library, device and settings. */
  String name() {
    String version = torch.class.getPackage().getImplementationVersion();
    return "libtorch "
        + version
        + " on "
        + gpu.map(g -> g.name() + " (compute capability " + g.major() + "." + g.minor() + ")")
            .orElse("the CPU")
        + ", "
        + precision.name().toLowerCase(Locale.ROOT)
        + ", deterministic algorithms"
        + (gpu.isEmpty()
            ? ""
            : ", " + CudaEnvironment.WORKSPACE + "=" + CudaEnvironment.workspace());
  }

  boolean isCpu() {
    return !device.is_cuda();
  }

  /** What convolutions and dense layers compute in. */
  ScalarType product() {
    return precision == Precision.BFLOAT16 ? ScalarType.BFloat16 : ScalarType.Float;
  }

  /** Bytes of an activation's value. */
  int activationBytes() {
    return precision == Precision.BFLOAT16 ? 2 : 4;
  }

  /** Zeros on the device. */
  Tensor zeros(ScalarType type, long... shape) {
    return torch.zeros(
        shape,
        new ScalarTypeOptional(type),
        new LayoutOptional(),
        new DeviceOptional(device),
        new BoolOptional());
  }

  /** A copy on the device of some floats. */
  Tensor upload(float[] values, int offset, int length, long... shape) {
    if (length == 0) {
      return zeros(ScalarType.Float, shape);
    }
    Tensor staged = staging(ScalarType.Float, length);
    FloatPointer to = new FloatPointer(staged.data_ptr());
    inParts(length, (at, count) -> to.getPointer(at).put(values, offset + at, count));
    bytesIn += (long) length * Float.BYTES;
    return onDevice(staged).view(shape);
  }

  /** Copies floats into a vector on the device. */
  void upload(float[] values, Tensor vector) {
    if (isCpu()) {
      new FloatPointer(vector.data_ptr()).put(values);
      bytesIn += (long) values.length * Float.BYTES;
    } else {
      vector.copy_(upload(values, 0, values.length, values.length));
    }
  }

  /** A copy on the device of some bytes, each from 0 to 255. */
  Tensor upload(byte[] values, int offset, int length, long... shape) {
    Tensor staged = staging(ScalarType.Byte, length);
    BytePointer to = new BytePointer(staged.data_ptr());
    inParts(length, (at, count) -> to.getPointer(at).put(values, offset + at, count));
    bytesIn += length;
    return onDevice(staged).view(shape);
  }

  /** The values of a tensor, row-major. */
  float[] download(Tensor tensor) {
    Tensor flat = tensor.detach().to(ScalarType.Float).contiguous().view(-1);
    int length = Math.toIntExact(flat.numel());
    Tensor host = flat;
    if (!isCpu()) {
      host = staging(ScalarType.Float, length);
      host.copy_(flat);
    }
    float[] values = new float[length];
    FloatPointer from = new FloatPointer(host.data_ptr());
    inParts(length, (at, count) -> from.getPointer(at).get(values, at, count));
    bytesOut += (long) length * Float.BYTES;
    return values;
  }

  /** Copies a part of an array. */
  @FunctionalInterface
  private interface Part {
    void copy(int at, int count);
  }

  /** Beside a GPU the host's cores share a copy: one alone is slower than the bus. */
  private void inParts(int length, Part part) {
    if (isCpu() || length <= PART) {
      part.copy(0, length);
    } else {
      IntStream.range(0, (length + PART - 1) / PART)
          .parallel()
          .forEach(i -> part.copy(i * PART, Math.min(PART, length - i * PART)));
    }
  }

  /** Memory of the host that a GPU copies from and to at full speed. */
  private Tensor staging(ScalarType type, int length) {
    return torch.empty(
        new long[] {length},
        new ScalarTypeOptional(type),
        new LayoutOptional(),
        new DeviceOptional(new Device(DeviceType.CPU)),
        new BoolOptional(!isCpu()),
        new MemoryFormatOptional());
  }

  private Tensor onDevice(Tensor staged) {
    return copies.map(stream -> stream.upload(staged)).orElse(staged);
  }

  long bytesIn() {
    return bytesIn;
  }

  long bytesOut() {
    return bytesOut;
  }
}
