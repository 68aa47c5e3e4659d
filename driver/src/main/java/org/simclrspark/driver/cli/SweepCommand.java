package org.simclrspark.driver.cli;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cluster.DriverMemory;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.sweep.Grid;
import org.simclrspark.driver.sweep.Spec;
import org.simclrspark.driver.sweep.Sweep;
import org.simclrspark.driver.sweep.SweepDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains and judges every point of a grid. */
@Command(
    name = "sweep",
    description = {
      "Trains and judges an encoder for every combination of some values, or goes on with an"
          + " interrupted sweep.",
      "Every point is an ordinary run under points/ in the directory of the sweep, and can be gone"
          + " on with by pretrain. Without --conf and --grid: those of the sweep that --run names."
    })
final class SweepCommand extends RunCommand {

  private static final int MOST_SEEDS = 100;
  private static final int MOST_PARALLEL = 64;
  private static final int MOST_RUNGS = 20;

  @Option(
      names = "--grid",
      paramLabel = "KEY=VALUE,...",
      description =
          "An axis: a key of the configuration and the values it takes, for example"
              + " loss.temperature=0.1,0.5. Repeatable.")
  private List<String> axes = new ArrayList<>();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Trains the whole grid with so many seeds, counted up from train.seed. Default: 1.")
  private Integer seeds;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description =
          "Trains so many points at the same time, which share the executors fairly. Default: 1.")
  private int parallel = 1;

  @Option(
      names = "--rungs",
      paramLabel = "N",
      description =
          "Successive halving: compares points of equal temperature N - 1 times before the end (at"
              + " half of the training, a quarter, ...), and stops the worse half. Default: 1,"
              + " which trains all to the end.")
  private Integer rungs;

  @Option(names = "--retry", description = "Tries points once more that failed.")
  private boolean retry;

  @Option(
      names = "--estimate",
      description = "Says what the sweep would cost, and trains nothing but three steps for that.")
  private boolean estimate;

  private Grid grid;

  SweepCommand() {
    super("simclr sweep");
  }

  @Override
  SimclrConfig configuration(ConfigurationOptions options, Configuration hadoop) {
    if (grid == null) {
      grid = grid(options, hadoop);
    }
    // The most demanding one decides how much memory the driver gets.
    return grid.configurations().stream()
        .max(Comparator.comparingLong(DriverMemory::bytes))
        .orElseThrow();
  }

  private Grid grid(ConfigurationOptions options, Configuration hadoop) {
    if (!options.isRunGiven() || options.isSeries()) {
      throw new ConfigurationException(
          "--run: a sweep must have a directory of its own, found "
              + (options.isSeries() ? "{date}" : "none")
              + ". Add one, such as --run sweeps/first.");
    }
    requireRange("--parallel", parallel, MOST_PARALLEL);
    requireRange("--seeds", seeds == null ? 1 : seeds, MOST_SEEDS);
    requireRange("--rungs", rungs == null ? 1 : rungs, MOST_RUNGS);
    Config base = options.forSweep(hadoop, SweepDirectory.BASE);
    SweepDirectory directory =
        new SweepDirectory(options.runDirectory(), hadoop, System.err::println);
    Optional<Spec> before = directory.spec();
    if (axes.isEmpty()) {
      before.ifPresent(spec -> axes = new ArrayList<>(spec.options()));
    }
    seeds = seeds != null ? seeds : before.map(spec -> spec.seeds().size()).orElse(1);
    rungs = rungs != null ? rungs : before.map(Spec::rungs).orElse(1);
    Grid result = Grid.of(base, options.settings(), axes, seeds);
    directory.requireExtendedBy(result, rungs);
    return result;
  }

  private static void requireRange(String option, int found, int most) {
    if (found < 1 || found > most) {
      throw new ConfigurationException(
          option + ": must be from 1 to " + most + ", found " + found + ". Correct it.");
    }
  }

  /** Points that run at the same time share the executors. */
  @Override
  Map<String, String> sparkSettings() {
    return parallel > 1 ? Map.of("spark.scheduler.mode", "FAIR") : Map.of();
  }

  @Override
  public int runsAtOnce() {
    return parallel;
  }

  @Override
  int run(JavaSparkContext spark, SimclrConfig config, Progress progress) {
    return Sweep.run(
        spark,
        grid,
        new Sweep.Options(rungs, parallel, retry, estimate),
        new SweepDirectory(
            options().runDirectory(), spark.hadoopConfiguration(), progress::message),
        progress::message);
  }
}
