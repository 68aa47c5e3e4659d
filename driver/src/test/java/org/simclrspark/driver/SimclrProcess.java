package org.simclrspark.driver;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The application in a process of its own, as the launcher starts it. Executors take Spark's jars
 * from a Spark home and the application's from the driver, as those of {@code --jars}.
 */
public final class SimclrProcess {

  private static final long PATIENCE_SECONDS = 180;

  /**
   * Of JVMs that live for seconds, half of whose time goes to compiling: the optimising compiler
   * takes only the loops that run longest, those of vectors among them.
   */
  private static final List<String> SHORT_LIVED =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:Tier4InvocationThreshold=50000",
          "-XX:Tier4MinInvocationThreshold=6000",
          "-XX:Tier4CompileThreshold=150000",
          "-XX:Tier4BackEdgeThreshold=400000");

  private final Process process;
  private final Path output;

  private SimclrProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts it.
   *
   * @param directory takes the output and what executors keep on disk
   * @param options more options of the JVM, such as settings of Spark
   * @param arguments of the command line
   */
  public static SimclrProcess start(Path directory, List<String> options, List<String> arguments) {
    return start(directory, options, "org.simclrspark.driver.cli.Main", arguments, Map.of());
  }

  /** The same, with the natives of libtorch for CPUs, as the build has them with its profile. */
  public static SimclrProcess startWithLibtorch(Path directory, List<String> arguments) {
    Path natives = repository().resolve("driver/target/libtorch/natives.jar");
    return start(
        directory,
        List.of(),
        "org.simclrspark.driver.cli.Main",
        arguments,
        Map.of(),
        List.of(natives.toString()));
  }

  /**
   * Starts another main class in the same way.
   *
   * @param options more options of the JVM
   * @param environment more variables for the process
   */
  public static SimclrProcess start(
      Path directory,
      List<String> options,
      String mainClass,
      List<String> arguments,
      Map<String, String> environment) {
    return start(directory, options, mainClass, arguments, environment, List.of());
  }

  private static SimclrProcess start(
      Path directory,
      List<String> options,
      String mainClass,
      List<String> arguments,
      Map<String, String> environment,
      List<String> moreJars) {
    try {
      TestDistribution distribution = TestDistribution.get();
      List<String> jars = new ArrayList<>(distribution.applicationJars());
      jars.addAll(moreJars);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmOptions());
      command.add("-Dspark.jars=" + String.join(",", jars));
      command.add("-Dspark.files.useFetchCache=false");
      command.add("-Dspark.local.dir=" + directory);
      command.add("-Dspark.executor.extraJavaOptions=" + String.join(" ", SHORT_LIVED));
      command.addAll(options);
      command.addAll(List.of("-cp", distribution.classPath(moreJars), mainClass));
      command.addAll(arguments);
      Path output = Files.createTempFile(directory, "output", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("OMP_NUM_THREADS", "1");
      builder.environment().put("SPARK_HOME", distribution.sparkHome().toString());
      builder.environment().put("SPARK_SCALA_VERSION", "2.12");
      builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
      builder.environment().putAll(environment);
      return new SimclrProcess(builder.start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The options of the tests' own JVM: module access for Spark on Java 17, the vector API. */
  private static List<String> jvmOptions() {
    List<String> options =
        new ArrayList<>(
            java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    options.removeIf(
        option -> option.startsWith("-Xmx") || option.startsWith("-agentlib") || option.isBlank());
    options.add("-Xmx1g");
    options.addAll(SHORT_LIVED);
    return options;
  }

  /** Waits for its end and returns the exit status. */
  public int exitStatus() throws InterruptedException {
    return exitStatus(PATIENCE_SECONDS);
  }

  /** Waits so many seconds for its end and returns the exit status. */
  public int exitStatus(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
      throw new AssertionError("did not end in " + seconds + " s:\n" + output());
    }
    return process.exitValue();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Asks it to end, as {@code kill} does. */
  public void terminate() {
    process.destroy();
  }

  /** What it has printed so far. */
  public String output() {
    try {
      return Files.readString(output, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory of the repository. */
  public static Path repository() {
    return new File(System.getProperty("basedir", ".")).toPath().toAbsolutePath().getParent();
  }
}
