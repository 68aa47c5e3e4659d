package org.simclrspark.driver.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A class of our own class path, run in a JVM of its own, as the launcher would run it. */
final class JavaProcess implements AutoCloseable {

  private static final int LINES_TOLD = 20;

  private final Process process;
  private final Path output;

  private JavaProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts it.
   *
   * @param output takes what it prints
   * @param environment added to ours
   * @param heap its largest heap, such as 1g
   * @param options more options of the JVM
   */
  static JavaProcess start(
      Path output,
      Map<String, String> environment,
      String heap,
      List<String> options,
      String mainClass,
      List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-Xmx") && !option.startsWith("-XX:MaxRAM")) {
        command.add(option);
      }
    }
    command.add("-Xmx" + heap);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), mainClass));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().putAll(environment);
    builder.environment().remove("SIMCLR_STDERR");
    try {
      Files.createDirectories(output.getParent());
      return new JavaProcess(builder.start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The Spark distribution whose jars are in our class path, embedded Spark's or the user's.
   *
   * @throws IllegalStateException if the launcher has not started this JVM
   */
  static Path sparkHome() {
    Path jars =
        entries()
            .filter(entry -> entry.getFileName().toString().startsWith("spark-core_"))
            .map(Path::getParent)
            .filter(folder -> folder.endsWith("jars"))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "A benchmark with a cluster of its own needs Spark's jars in a folder jars,"
                            + " found none on the class path. Start it by deploy/simclr."));
    return jars.getParent();
  }

  /** The jars of our class path that are not Spark's, as {@code spark.jars} takes them. */
  static String applicationJars() {
    Path spark = sparkHome().resolve("jars");
    return entries()
        .filter(entry -> entry.toString().endsWith(".jar") && !spark.equals(entry.getParent()))
        .map(Path::toString)
        .collect(Collectors.joining(","));
  }

  private static Stream<Path> entries() {
    return Arrays.stream(classPath().split(File.pathSeparator, -1)).map(Path::of);
  }

  /** The class path of this JVM; also under Surefire, which hides it in a jar. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end and returns the exit status. */
  int exitStatus() throws InterruptedException {
    return process.waitFor();
  }

  /**
   * Waits until it has ended well.
   *
   * @param name of the process, for the message
   * @throws IllegalStateException with the last lines that it printed, if it has not
   */
  void requireSuccess(String name) throws IOException, InterruptedException {
    int status = exitStatus();
    if (status != 0) {
      List<String> lines = Files.readAllLines(output, UTF_8);
      int from = Math.max(0, lines.size() - LINES_TOLD);
      throw new IllegalStateException(
          name
              + " must end with status 0, found "
              + status
              + ". Its last lines, from "
              + output
              + ":\n"
              + String.join("\n", lines.subList(from, lines.size())));
    }
  }

  /** Ends it as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it and what it started. */
  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
