package org.simclrspark.worker.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.onednn.OneDnnEngine;

/**
 * Measures the peak of native memory of training micro-batches in the engine and in libtorch, each
 * in a process of its own, and prints their ratio.
 *
 * <p>Arguments: depth, width, image size, views, threads. Native memory is the peak of resident
 * memory after three steps, less resident memory before parameters and views are there but after a
 * step of a tiny network, so that libraries are loaded. The Java heap of both processes is of a
 * fixed size and touched from the start, so it cancels out.
 */
public final class EncoderMemory {

  private static final int STEPS = 3;
  private static final List<String> HEAP =
      List.of("-Xms768m", "-Xmx768m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

  private EncoderMemory() {}

  /** Runs the comparison; with a sixth argument, measures the engine in this process. */
  public static void main(String[] arguments) throws Exception {
    EncoderSettings settings =
        EncoderRatio.settings(
            Integer.parseInt(arguments[0]),
            Double.parseDouble(arguments[1]),
            Integer.parseInt(arguments[2]));
    int count = Integer.parseInt(arguments[3]);
    int threads = Integer.parseInt(arguments[4]);
    if (arguments.length > 5) {
      System.out.println(engineBytes(settings, count, threads));
      return;
    }
    long ours = engineInItsOwnProcess(arguments);
    for (String format : new String[] {"contiguous", "channels_last"}) {
      long theirs = libtorchBytes(settings, count, threads, format);
      System.out.printf(
          Locale.ROOT,
          "{\"libtorch_format\":\"%s\",\"native_bytes\":%d,\"libtorch_native_bytes\":%d,"
              + "\"ratio\":%.3f}%n",
          format,
          ours,
          theirs,
          (double) ours / theirs);
    }
  }

  private static long engineInItsOwnProcess(String[] arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(HEAP);
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            EncoderMemory.class.getName()));
    command.addAll(List.of(arguments));
    command.add("engine");
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return Long.parseLong(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
  }

  private static long engineBytes(EncoderSettings settings, int count, int threads)
      throws Exception {
    Natives.prepare();
    step(EncoderRatio.settings(18, 0.25, 32), 2, threads, 1);
    System.gc();
    long base = Resident.bytes();
    step(settings, count, threads, STEPS);
    return Resident.peakBytes() - base;
  }

  private static void step(EncoderSettings settings, int count, int threads, int steps) {
    float[] views = random(count * 3 * settings.imageSize() * settings.imageSize());
    float[] dz = random(count * settings.embeddingSize());
    try (OneDnnEngine engine = new OneDnnEngine(settings, threads, Natives::limitThread)) {
      float[] parameters = engine.initialParameters(1);
      float[] gradient = new float[parameters.length];
      for (int i = 0; i < steps; i++) {
        engine.load(parameters);
        try (MicroBatchEngine.Activations activations = engine.forward(views, count)) {
          engine.backward(activations, dz, gradient);
        }
      }
    }
  }

  private static long libtorchBytes(EncoderSettings settings, int count, int threads, String format)
      throws Exception {
    Path folder = Files.createTempDirectory("libtorch");
    float[] views = random(count * 3 * settings.imageSize() * settings.imageSize());
    float[] dz = random(count * settings.embeddingSize());
    try (LibtorchProcess libtorch =
        new LibtorchProcess(
            settings,
            count,
            threads,
            format,
            Map.of(),
            HEAP,
            folder,
            new Network(settings).initialParameters(1),
            views,
            dz)) {
      for (int i = 0; i < STEPS; i++) {
        libtorch.step();
      }
      return libtorch.peakBytes() - libtorch.baseBytes();
    } finally {
      for (String name : new String[] {"parameters.bin", "views.bin", "gradients.bin"}) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.delete(folder);
    }
  }

  private static float[] random(int length) {
    Random random = new Random(1);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
