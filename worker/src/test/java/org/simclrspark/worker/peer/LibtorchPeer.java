package org.simclrspark.worker.peer;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GroupNormFuncOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.simclrspark.worker.machine.LibtorchLibraries;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.network.ParameterLayout;

/**
 * The same network on libtorch, in a process of its own: what the engine is compared with.
 *
 * <p>Arguments: depth, width, stem, norm, image size, head's layers, hidden units and embedding
 * size, views, threads, memory format (contiguous or channels_last) and a folder with
 * parameters.bin, views.bin and gradients.bin. Reads commands from standard input: {@code step}
 * runs forward, backward and an SGD update and prints their seconds and those of processor time;
 * {@code pair} runs two micro-batches forward, both backward, and an update, which is what SimCLR
 * does, and prints all seconds and those of processor time; {@code save} runs forward and backward
 * and writes embeddings.bin and gradient.bin into the folder; {@code double} goes on in double
 * precision; {@code decide} lets the bytes of decisions.bin, norm by norm, say which activations
 * pass a ReLU; {@code switches} prints in how many its own decisions differed in the last pass, and
 * the largest value there; {@code base} and {@code peak} print resident memory before parameters
 * and views were there, and its peak, in bytes.
 */
public final class LibtorchPeer {

  /**
   * Whether strided 1x1 convolutions are those of subsampled input, the same function: on machines
   * that tell nothing about their caches libtorch's kernel for their gradient divides by zero.
   */
  private static final boolean SUBSAMPLES = System.getenv("LIBTORCH_SUBSAMPLE") != null;

  private final Network network;
  private final int count;
  private final boolean channelsLast;
  private final List<Tensor> parameters = new ArrayList<>();
  private final Map<Integer, Integer> blockAtOffset = new HashMap<>();
  private Tensor views;
  private Tensor upstream;
  private final Path folder;

  /** Which activations pass the ReLU of each norm, if given: 1 or 0, by tensor. */
  private final Map<Integer, Tensor> decisions = new HashMap<>();

  private final long base;
  private long switches;
  private double largestSwitch;

  private LibtorchPeer(String[] arguments) throws IOException {
    torch.set_num_threads(Integer.parseInt(arguments[9]));
    base = loadedBytes();
    EncoderSettings settings =
        new EncoderSettings(
            Integer.parseInt(arguments[0]),
            Double.parseDouble(arguments[1]),
            EncoderSettings.Stem.valueOf(arguments[2]),
            EncoderSettings.Norm.valueOf(arguments[3]),
            Integer.parseInt(arguments[4]),
            false,
            Initialization.SIMCLR,
            Integer.parseInt(arguments[5]),
            Integer.parseInt(arguments[6]),
            Integer.parseInt(arguments[7]));
    network = new Network(settings);
    count = Integer.parseInt(arguments[8]);
    channelsLast = arguments[10].equals("channels_last");
    folder = Path.of(arguments[11]);
    float[] values = read(folder.resolve("parameters.bin"));
    for (ParameterLayout.Block block : network.layout().blocks()) {
      long[] shape = block.shape().stream().mapToLong(Integer::longValue).toArray();
      Tensor parameter = tensor(values, block.offset(), block.length(), shape);
      blockAtOffset.put(block.offset(), parameters.size());
      parameters.add(inFormat(parameter).detach().set_requires_grad(true));
    }
    int size = settings.imageSize();
    float[] pixels = read(folder.resolve("views.bin"));
    views = inFormat(tensor(pixels, 0, pixels.length, count, 3, size, size));
    float[] dz = read(folder.resolve("gradients.bin"));
    upstream = inFormat(tensor(dz, 0, dz.length, count, settings.embeddingSize()));
  }

  /**
   * Resident memory once a convolution has run forward and backward, and so libraries are loaded.
   */
  private static long loadedBytes() throws IOException {
    Tensor x = tensor(new float[2 * 3 * 32 * 32], 0, 2 * 3 * 32 * 32, 2, 3, 32, 32);
    Tensor w = tensor(new float[16 * 3 * 9], 0, 16 * 3 * 9, 16, 3, 3, 3).set_requires_grad(true);
    long[] one = {1, 1};
    try (Tensor y = torch.conv2d(x, w, new TensorOptional(), one, one, one, 1)) {
      y.sum().backward();
    }
    System.gc();
    return Resident.bytes();
  }

  /** Serves commands. */
  public static void main(String[] arguments) throws IOException {
    LibtorchLibraries.load();
    LibtorchPeer peer = new LibtorchPeer(arguments);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    String command;
    while ((command = in.readLine()) != null) {
      switch (command) {
        case "step" -> System.out.println(peer.step());
        case "pair" -> System.out.println(peer.pair());
        case "save" -> peer.save();
        case "double" -> peer.toDouble();
        case "decide" -> peer.decide();
        case "switches" -> System.out.println(peer.switches + " " + peer.largestSwitch);
        case "base" -> System.out.println(peer.base);
        case "peak" -> System.out.println(Resident.peakBytes());
        default -> throw new IllegalArgumentException("Unknown command " + command);
      }
    }
  }

  private String step() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long processor = system.getProcessCpuTime();
    long start = System.nanoTime();
    Tensor z = forward();
    long embedded = System.nanoTime();
    backward(z);
    long differentiated = System.nanoTime();
    update();
    long end = System.nanoTime();
    return (embedded - start) / 1e9
        + " "
        + (differentiated - embedded) / 1e9
        + " "
        + (end - differentiated) / 1e9
        + " "
        + (system.getProcessCpuTime() - processor) / 1e9;
  }

  private String pair() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long processor = system.getProcessCpuTime();
    long start = System.nanoTime();
    Tensor first = forward();
    Tensor second = forward();
    backward(first);
    addGradient(second);
    update();
    return (System.nanoTime() - start) / 1e9 + " " + (system.getProcessCpuTime() - processor) / 1e9;
  }

  private void save() throws IOException {
    Tensor z = forward();
    write(folder.resolve("embeddings.bin"), floats(z));
    backward(z);
    float[] gradient = new float[network.layout().size()];
    for (ParameterLayout.Block block : network.layout().blocks()) {
      float[] part = floats(parameter(block).grad());
      System.arraycopy(part, 0, gradient, block.offset(), part.length);
    }
    write(folder.resolve("gradient.bin"), gradient);
    System.out.println("saved");
  }

  private Tensor forward() {
    switches = 0;
    largestSwitch = 0;
    try (PointerScope scope = new PointerScope()) {
      Map<Integer, Tensor> activations = new HashMap<>();
      activations.put(0, views);
      for (Network.Operation operation : network.operations()) {
        Tensor x = activations.get(operation.in().id());
        activations.put(operation.out().id(), apply(operation, x, activations));
      }
      Tensor z = activations.get(network.embedding().id());
      // Everything else goes with the scope, so that backward frees what it has used.
      z.retainReference();
      return z;
    }
  }

  private Tensor apply(Network.Operation operation, Tensor x, Map<Integer, Tensor> activations) {
    if (operation instanceof Network.Convolution convolution) {
      long[] stride = {convolution.stride(), convolution.stride()};
      long[] padding = {convolution.padding(), convolution.padding()};
      Tensor weight = parameter(convolution.weight());
      if (network.standardisesWeights()) {
        long[] fanIn = {1, 2, 3};
        Tensor centred = weight.sub(weight.mean(fanIn, true, null));
        Tensor variance = centred.mul(centred).mean(fanIn, true, null);
        weight = centred.div(torch.sqrt(variance.add(new Scalar(1e-10))));
      }
      if (SUBSAMPLES && convolution.kernel() == 1 && convolution.stride() > 1) {
        x = every(x, convolution.stride());
        stride = new long[] {1, 1};
      }
      return torch.conv2d(x, weight, new TensorOptional(), stride, padding, new long[] {1, 1}, 1);
    } else if (operation instanceof Network.Normalisation norm) {
      Tensor y = norm.overBatch() ? batchNorm(norm, x) : groupNorm(norm, x);
      if (norm.residual() != null) {
        y = y.add_(activations.get(norm.residual().id()));
      }
      return norm.relu() ? relu(norm, y) : y;
    } else if (operation instanceof Network.MaxPool) {
      return torch.max_pool2d(
          x, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, false);
    } else if (operation instanceof Network.AveragePool) {
      return torch.adaptive_avg_pool2d(x, 1, 1).flatten(1, -1);
    }
    return torch.matmul(x, parameter(((Network.Dense) operation).weight()).t());
  }

  private Tensor relu(Network.Normalisation norm, Tensor y) {
    Tensor open = decisions.get(norm.out().id());
    if (open == null) {
      return y.relu_();
    }
    open = open.view_as(y);
    Tensor own = y.detach().gt(new Scalar(0)).to(y.scalar_type());
    Tensor differing = own.sub(open).abs();
    switches += Math.round(differing.sum().item_double());
    largestSwitch = Math.max(largestSwitch, differing.mul(y.detach()).abs().max().item_double());
    return y.mul(open);
  }

  private void decide() throws IOException {
    byte[] open = Files.readAllBytes(folder.resolve("decisions.bin"));
    int from = 0;
    for (Network.Operation operation : network.operations()) {
      if (operation instanceof Network.Normalisation norm && norm.relu()) {
        int channels = norm.out().channels();
        int side = norm.out().side();
        float[] values = new float[count * channels * side * side];
        for (int i = 0; i < values.length; i++) {
          values[i] = open[from++];
        }
        decisions.put(norm.out().id(), tensor(values, 0, values.length, values.length));
      }
    }
    System.out.println("decided");
  }

  /** Every n-th pixel of both directions. */
  private static Tensor every(Tensor x, int n) {
    return x.slice(2, new LongOptional(), new LongOptional(), n)
        .slice(3, new LongOptional(), new LongOptional(), n);
  }

  private Tensor batchNorm(Network.Normalisation norm, Tensor x) {
    return torch.batch_norm(
        x,
        new TensorOptional(parameter(norm.scale())),
        norm.shift() == null ? new TensorOptional() : new TensorOptional(parameter(norm.shift())),
        new TensorOptional(),
        new TensorOptional(),
        true,
        0.1,
        Network.EPSILON,
        false);
  }

  private Tensor groupNorm(Network.Normalisation norm, Tensor x) {
    GroupNormFuncOptions options = new GroupNormFuncOptions(norm.groups());
    options.weight().put(parameter(norm.scale()));
    options.bias().put(parameter(norm.shift()));
    options.eps().put(Network.EPSILON);
    return torch.group_norm(x, options);
  }

  private void backward(Tensor z) {
    for (Tensor parameter : parameters) {
      parameter.mutable_grad().reset();
    }
    addGradient(z);
  }

  private void addGradient(Tensor z) {
    try (z) {
      z.backward(upstream, new BoolOptional(), false, new TensorArrayRefOptional());
    }
  }

  private void update() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Tensor parameter : parameters) {
        parameter.sub_(parameter.grad(), new Scalar(1e-6));
      }
    }
  }

  private void toDouble() {
    parameters.replaceAll(
        parameter -> parameter.detach().to(torch.ScalarType.Double).set_requires_grad(true));
    views = views.to(torch.ScalarType.Double);
    upstream = upstream.to(torch.ScalarType.Double);
    decisions.replaceAll((tensor, open) -> open.to(torch.ScalarType.Double));
    System.out.println("double");
  }

  private Tensor parameter(ParameterLayout.Block block) {
    return parameters.get(blockAtOffset.get(block.offset()));
  }

  private Tensor inFormat(Tensor tensor) {
    if (channelsLast && tensor.dim() == 4) {
      return tensor.contiguous(torch.MemoryFormat.ChannelsLast);
    }
    return tensor;
  }

  private static Tensor tensor(float[] values, int offset, int length, long... shape) {
    FloatPointer copy = new FloatPointer(length);
    copy.put(values, offset, length);
    return torch.from_blob(copy, shape).clone();
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    Tensor contiguous = tensor.detach().to(torch.ScalarType.Float).contiguous();
    new FloatPointer(contiguous.data_ptr()).get(values);
    return values;
  }

  static float[] read(Path file) throws IOException {
    FloatBuffer buffer =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  static void write(Path file, float[] values) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    Files.write(file, buffer.array());
  }
}
