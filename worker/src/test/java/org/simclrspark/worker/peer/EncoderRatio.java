package org.simclrspark.worker.peer;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.onednn.OneDnnEngine;

/**
 * Measures the engine and libtorch alternately in one run and prints the ratio of their rates.
 *
 * <p>Arguments: depth, width, image size, views, threads, rounds (default 5). A round is one step
 * of each: forward, backward and update; the ratio is the median over rounds. Libtorch runs in the
 * memory format that is faster for it. The ratio of processor times tells more where other
 * processes compete for the cores; threads that spin count as busy.
 */
public final class EncoderRatio {

  private EncoderRatio() {}

  /** Runs the comparison. */
  public static void main(String[] arguments) throws Exception {
    int depth = Integer.parseInt(arguments[0]);
    double width = Double.parseDouble(arguments[1]);
    int size = Integer.parseInt(arguments[2]);
    int count = Integer.parseInt(arguments[3]);
    int threads = Integer.parseInt(arguments[4]);
    int rounds = arguments.length > 5 ? Integer.parseInt(arguments[5]) : 5;
    EncoderSettings settings = settings(depth, width, size);
    Network network = new Network(settings);
    Random random = new Random(1);
    float[] parameters = network.initialParameters(1);
    float[] views = new float[count * 3 * size * size];
    for (int i = 0; i < views.length; i++) {
      views[i] = random.nextFloat();
    }
    float[] dz = new float[count * 128];
    for (int i = 0; i < dz.length; i++) {
      dz[i] = (float) random.nextGaussian() / count;
    }
    for (String format : new String[] {"contiguous", "channels_last"}) {
      Path folder = Files.createTempDirectory("libtorch");
      try (OneDnnEngine engine = new OneDnnEngine(settings, threads, Natives::limitThread);
          LibtorchProcess libtorch =
              new LibtorchProcess(
                  settings,
                  count,
                  threads,
                  format,
                  Map.of(),
                  LibtorchProcess.SMALL_HEAP,
                  folder,
                  parameters,
                  views,
                  dz)) {
        compare(format, engine, libtorch, rounds, parameters, views, dz, count);
      }
      for (String name : new String[] {"parameters.bin", "views.bin", "gradients.bin"}) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.delete(folder);
    }
  }

  /** The network that is measured: batch norm, a head of 2 layers, d = 128. */
  static EncoderSettings settings(int depth, double width, int size) {
    Stem stem = size >= 96 ? Stem.IMAGENET : Stem.SMALL;
    int hidden = depth >= 50 ? 2048 : 512;
    return new EncoderSettings(
        depth, width, stem, Norm.BATCH, size, false, Initialization.SIMCLR, 2, hidden, 128);
  }

  private static void compare(
      String format,
      OneDnnEngine engine,
      LibtorchProcess libtorch,
      int rounds,
      float[] parameters,
      float[] views,
      float[] dz,
      int count)
      throws Exception {
    float[] gradient = new float[parameters.length];
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    double[] ratios = new double[rounds];
    double[] processorRatios = new double[rounds];
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    int warmUp = 6;
    for (int round = -warmUp; round < rounds; round++) {
      long processor = system.getProcessCpuTime();
      long start = System.nanoTime();
      try (MicroBatchEngine.Activations activations = engine.forward(views, count)) {
        engine.backward(activations, dz, gradient);
      }
      engine.load(parameters);
      double mine = (System.nanoTime() - start) / 1e9;
      double busy = (system.getProcessCpuTime() - processor) / 1e9;
      double[] step = libtorch.step();
      double peer = step[0] + step[1] + step[2];
      if (round >= 0) {
        ours[round] = mine;
        theirs[round] = peer;
        ratios[round] = peer / mine;
        processorRatios[round] = step[3] / busy;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "{\"libtorch_format\":\"%s\",\"images_per_second\":%.1f,"
            + "\"libtorch_images_per_second\":%.1f,\"ratio\":%.3f,\"processor_time_ratio\":%.3f,\"libtorch_peak_bytes\":%d}%n",
        format,
        count / median(ours),
        count / median(theirs),
        median(ratios),
        median(processorRatios),
        libtorch.peakBytes());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
