package org.simclrspark.worker.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.simclrspark.worker.EncoderSettings;

/** A {@link LibtorchPeer} in its own process, whose class path holds libtorch's JavaCPP. */
final class LibtorchProcess implements AutoCloseable {

  /** Where the build puts libtorch, its natives and their JavaCPP. */
  private static final Path JARS = Path.of("target", "libtorch").toAbsolutePath();

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;
  private final Path folder;

  LibtorchProcess(
      EncoderSettings settings,
      int count,
      int threads,
      String memoryFormat,
      Path folder,
      float[] parameters,
      float[] views,
      float[] gradients)
      throws IOException {
    this.folder = folder;
    LibtorchPeer.write(folder.resolve("parameters.bin"), parameters);
    LibtorchPeer.write(folder.resolve("views.bin"), views);
    LibtorchPeer.write(folder.resolve("gradients.bin"), gradients);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-Dorg.bytedeco.javacpp.maxbytes=0",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-cp",
            JARS + "/*:" + classes(EncoderSettings.class) + ":" + classes(LibtorchPeer.class),
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
            folder.toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"ready".equals(answers.readLine())) {
      throw new IOException("libtorch did not start; see its error output above");
    }
  }

  private static String classes(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /** Seconds of forward, backward and update, and of processor time in all. */
  double[] step() throws IOException {
    String[] parts = ask("step").split(" ", -1);
    return Arrays.stream(parts).mapToDouble(Double::parseDouble).toArray();
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

  /** Peak of resident memory, in bytes. */
  long peakBytes() throws IOException {
    return Long.parseLong(ask("peak"));
  }

  private String ask(String command) throws IOException {
    commands.println(command);
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("libtorch ended after the command " + command);
    }
    return answer;
  }

  @Override
  public void close() {
    commands.close();
    process.destroy();
  }
}
