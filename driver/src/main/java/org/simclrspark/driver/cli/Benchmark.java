package org.simclrspark.driver.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.simclrspark.driver.report.Json;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A benchmark: a sub-command of {@code simclr bench} that may print lines for people and ends with
 * one line of JSON. A subclass carries {@code @Command(name = ..., description = ...)}, its own
 * options, and is listed in {@link BenchCommand}.
 */
public abstract class Benchmark implements Callable<Integer>, NativeThreads {

  @Mixin private CommonOptions common;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the native libraries. Default: the cores of this machine.")
  private int threads = Runtime.getRuntime().availableProcessors();

  /**
   * Measures.
   *
   * @return sizes, seconds and ratios by name, in the order to print
   */
  protected abstract Map<String, Object> measure() throws Exception;

  /** The option {@code --threads}. */
  protected final int threads() {
    return threads;
  }

  /** The option {@code --master}, or null. */
  protected final String master() {
    return common.master();
  }

  @Override
  public final int nativeThreads() {
    return threads;
  }

  @Override
  public final Integer call() throws Exception {
    System.out.println(Json.line(measure()));
    return ExitStatus.DONE;
  }
}
