package org.simclrspark.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command that a user gives in a shell, with what it prints. */
final class Command implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 300;

  private final Process process;
  private final Path output;

  private Command(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts it.
   *
   * @param directory takes its output, and is its working directory
   * @param environment more variables than {@code SPARK_HOME}
   */
  static Command start(Path directory, Map<String, String> environment, List<String> arguments)
      throws IOException {
    Path output =
        Files.createTempFile(directory, Path.of(arguments.get(0)).getFileName() + "-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(arguments)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().remove("OMP_NUM_THREADS");
    builder.environment().put("SPARK_HOME", Project.SPARK_HOME.toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SIMCLR_BUILD", "no");
    builder.environment().putAll(environment);
    return new Command(builder.start(), output);
  }

  /** Starts {@code deploy/simclr}. */
  static Command simclr(Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.add(Project.DEPLOY.resolve("simclr").toString());
    all.addAll(List.of(arguments));
    return start(directory, environment, all);
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end, and returns the exit status. */
  int status() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      close();
      throw new AssertionError("did not end in " + PATIENCE_SECONDS + " s:\n" + output());
    }
    return process.exitValue();
  }

  /** Waits for its end, which must be a good one. */
  Command succeeds() throws InterruptedException {
    assertThat(status()).as(output()).isZero();
    return this;
  }

  /** What it has printed so far. */
  String output() {
    try {
      return Files.readString(output, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it and what it started. */
  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
