package org.simclrspark.driver.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.loss.bench.LossBenchmark;
import org.simclrspark.loss.bench.LossBenchmark.Implementation;
import org.simclrspark.loss.bench.LossBenchmark.Settings;
import org.simclrspark.worker.machine.Natives;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How near the loss and its gradient are to the matrix products that they need. */
@Command(
    name = "loss",
    description = {
      "Computes the loss and its gradient, and plain matrix products for comparison.",
      "ratio_to_floor is the time over that of the products alone at the fastest rate seen."
    },
    sortOptions = false)
public final class BenchLossCommand extends Benchmark {

  /** Above this many views a whole batch takes minutes, so one of 64 shards is measured. */
  private static final int WHOLE_BATCH = 65536;

  private static final int SHARDS = 64;

  @Spec private CommandSpec spec;

  @Option(
      names = "--views",
      paramLabel = "N",
      defaultValue = "16384",
      description = "Rows of the batch, two for each image. Default: ${DEFAULT-VALUE}.")
  private int views;

  @Option(
      names = "--dim",
      paramLabel = "D",
      defaultValue = "128",
      description = "Values in an embedding. Default: ${DEFAULT-VALUE}.")
  private int dimension;

  @Option(
      names = "--rows",
      paramLabel = "R",
      description =
          "Rows of one shard, against all views. Default: all up to 65536 views, else a 64th.")
  private Integer rows;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.1",
      description = "Temperature of the loss. Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--implementation",
      defaultValue = "tiles",
      description = "tiles, or nd4j: operations of ND4J's backend. Default: ${DEFAULT-VALUE}.")
  private Implementation implementation;

  @Option(
      names = "--verify",
      paramLabel = "R",
      description =
          "Also compares the gradient of R rows with double precision: gradient_error, in norm."
              + " Takes half a minute for 16384 views.")
  private int verify;

  @Override
  protected Map<String, Object> measure() {
    Natives.prepare();
    int owned = rows != null ? rows : views > WHOLE_BATCH ? views / SHARDS : views;
    try {
      Settings settings =
          new Settings(views, dimension, temperature, threads(), owned, implementation);
      Map<String, Object> result = new LinkedHashMap<>(LossBenchmark.run(settings));
      if (verify > 0) {
        result.put("gradient_error", LossBenchmark.gradientError(settings, verify));
      }
      return result;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
