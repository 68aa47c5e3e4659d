package org.simclrspark.driver.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.overview.RunList;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.storage.StorageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the runs under a directory. */
@Command(
    name = "runs",
    description = {
      "Lists the runs under a directory: state, step, images a second, loss, kNN accuracy, age of"
          + " the checkpoint, and what differs in their configurations.",
      "Running: its driver gives signs of life. Stale: it has none, and did not say why. Stopped and"
          + " failed runs say why; the same pretrain command goes on with each."
    })
final class RunsCommand implements Callable<Integer>, NativeThreads {

  private static final String CLEAR = "\033[H\033[2J";

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "The directory, local or on any Hadoop file system. Default: ${DEFAULT-VALUE}.")
  private String directory;

  @Option(names = "--watch", description = "Lists them again every few seconds, until Ctrl-C.")
  private boolean watch;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Between two lists of --watch, at least 1. Default: ${DEFAULT-VALUE}.")
  private int interval;

  @Option(names = "--json", description = "One JSON object a run and line, for scripts.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (interval < 1) {
      throw new ConfigurationException(
          "--interval: must be a number of seconds from 1 on, found " + interval + ".");
    }
    Configuration hadoop = HadoopSettings.current();
    Path path = RunPaths.of("DIR", directory);
    show(RunList.under(path, hadoop));
    while (watch) {
      Thread.sleep(Duration.ofSeconds(interval).toMillis());
      try {
        show(RunList.under(path, hadoop));
      } catch (StorageException e) {
        System.err.println("simclr: " + e.getMessage());
      }
    }
    return ExitStatus.DONE;
  }

  private void show(RunList runs) {
    PrintStream out = System.out;
    if (json) {
      for (Map<String, Object> run : runs.json()) {
        out.println(Json.line(run));
      }
    } else {
      if (watch) {
        out.print(Terminal.isOne() ? CLEAR : "");
        out.println(Instant.now().truncatedTo(ChronoUnit.SECONDS));
      }
      runs.lines().forEach(out::println);
    }
    out.flush();
  }

  @Override
  public int nativeThreads() {
    return 1;
  }
}
