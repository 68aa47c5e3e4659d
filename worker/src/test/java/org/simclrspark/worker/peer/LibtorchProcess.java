package org.simclrspark.worker.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.simclrspark.data.NativeFolder;
import org.simclrspark.worker.network.EncoderSettings;

/** A {@link LibtorchPeer} in its own process, whose class path holds libtorch's JavaCPP. */
final class LibtorchProcess implements AutoCloseable {

  /** Where the build puts libtorch, its natives and their JavaCPP. */
  private static final Path JARS = Path.of("target", "libtorch").toAbsolutePath();

  /** Options for a small heap. */
  static final List<String> SMALL_HEAP = List.of("-Xmx512m", "-XX:+UseSerialGC");

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;
  private final Path folder;

  /**
   * Starts it.
   *
   * @param environment more variables for the process
   * @param heap the JVM's options for its heap
   */
  LibtorchProcess(
      EncoderSettings settings,
      int count,
      int threads,
      String memoryFormat,
      Map<String, String> environment,
      List<String> heap,
      Path folder,
      float[] parameters,
      float[] views,
      float[] gradients)
      throws IOException {
    this.folder = folder;
    LibtorchPeer.write(folder.resolve("parameters.bin"), parameters);
    LibtorchPeer.write(folder.resolve("views.bin"), views);
    LibtorchPeer.write(folder.resolve("gradients.bin"), gradients);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(heap);
    command.addAll(
        List.of(
            "-Dorg.bytedeco.javacpp.maxbytes=0",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-cp",
            classPath(path -> true),
            LibtorchPeer.class.getName(),
            Integer.toString(settings.depth()),
            Double.toString(settings.width()),
            settings.stem().name(),
            settings.norm().name(),
            Integer.toString(settings.imageSize()),
            Integer.toString(settings.projectionLayers()),
            Integer.toString(settings.projectionHidden()),
            Integer.toString(settings.embeddingSize()),
            Integer.toString(count),
            Integer.toString(threads),
            memoryFormat,
            folder.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.environment().putAll(environment);
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"ready".equals(answers.readLine())) {
      throw new IOException("libtorch did not start; see its error output above");
    }
  }

  /** Classes of this project that use libtorch, and what they need of its jars. */
  static String classPath(Predicate<Path> wanted) throws IOException {
    List<String> entries =
        new ArrayList<>(jars().stream().filter(wanted).map(Path::toString).toList());
    entries.add(classes(EncoderSettings.class));
    entries.add(classes(LibtorchPeer.class));
    entries.add(classes(NativeFolder.class));
    return String.join(":", entries);
  }

  /** The jars of libtorch. */
  static List<Path> jars() throws IOException {
    try (Stream<Path> jars = Files.list(JARS)) {
      return jars.toList();
    }
  }

  private static String classes(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /** Seconds of forward, backward and update, and of processor time in all. */
  double[] step() throws IOException {
    return numbers("step");
  }

  private double[] numbers(String command) throws IOException {
    String[] parts = ask(command).split(" ", -1);
    return Arrays.stream(parts).mapToDouble(Double::parseDouble).toArray();
  }

  /** Seconds of two micro-batches forward and backward and an update, and of processor time. */
  double[] pair() throws IOException {
    return numbers("pair");
  }

  /** Embeddings, then the parameters' gradient. */
  float[][] results() throws IOException {
    ask("save");
    return new float[][] {
      LibtorchPeer.read(folder.resolve("embeddings.bin")),
      LibtorchPeer.read(folder.resolve("gradient.bin"))
    };
  }

  /** Goes on in double precision. */
  void toDouble() throws IOException {
    ask("double");
  }

  /**
   * Lets given decisions say which activations pass a ReLU.
   *
   * @param open 1 where one does, else 0; norm by norm, [count, channels, side, side]
   */
  void decide(byte[] open) throws IOException {
    Files.write(folder.resolve("decisions.bin"), open);
    ask("decide");
  }

  /** How libtorch would have decided otherwise in the last pass. */
  Switches switches() throws IOException {
    String[] parts = ask("switches").split(" ", -1);
    return new Switches(Long.parseLong(parts[0]), Double.parseDouble(parts[1]));
  }

  /**
   * Decisions that differ.
   *
   * @param largest absolute value of an activation on which they do
   */
  record Switches(long count, double largest) {}

  /** Resident memory before the network and its input were there, in bytes. */
  long baseBytes() throws IOException {
    return Long.parseLong(ask("base"));
  }

  /** Peak of resident memory, in bytes. */
  long peakBytes() throws IOException {
    return Long.parseLong(ask("peak"));
  }

  private String ask(String command) throws IOException {
    commands.println(command);
    String answer = answers.readLine();
    // A JVM that dies in native code says so in lines that start with #.
    if (answer == null || answer.startsWith("#")) {
      throw new IOException("libtorch died of the command " + command);
    }
    return answer;
  }

  @Override
  public void close() {
    commands.close();
    process.destroy();
  }
}
