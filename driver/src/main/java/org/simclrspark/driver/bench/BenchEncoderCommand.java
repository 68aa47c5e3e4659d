package org.simclrspark.driver.bench;

import java.util.Map;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.worker.bench.EncoderBench;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;
import org.simclrspark.worker.onednn.GemmRate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How fast an encoder trains, beside the rate of matrix products in the same run. */
@Command(
    name = "encoder",
    description = "Times forward, backward and update of an encoder on random views.",
    sortOptions = false)
public final class BenchEncoderCommand extends Benchmark {

  @Spec private CommandSpec spec;

  @Option(
      names = "--depth",
      defaultValue = "18",
      description = "18, 34, 50 or 101. Default: ${DEFAULT-VALUE}.")
  private int depth;

  @Option(
      names = "--width",
      defaultValue = "1.0",
      description = "Multiplier of all channels. Default: ${DEFAULT-VALUE}.")
  private double width;

  @Option(
      names = "--size",
      defaultValue = "32",
      description = "Side of a view, in pixels. Default: ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--batch",
      defaultValue = "64",
      description = "Views in the micro-batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--norm",
      defaultValue = "BATCH",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Norm norm;

  @Option(
      names = "--stem",
      description = "${COMPLETION-CANDIDATES}. Default: IMAGENET from 96 px, else SMALL.")
  private Stem stem;

  @Option(
      names = "--engine",
      defaultValue = "ONEDNN",
      description = "ONEDNN, LIBTORCH, ND4J. Default: ${DEFAULT-VALUE}.")
  private EngineKind engine;

  @Option(
      names = "--precision",
      defaultValue = "FLOAT32",
      description = "Of libtorch: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds that count, after some that warm up. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Override
  protected Map<String, Object> measure() {
    if (batch < 1 || rounds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--batch and --rounds must be positive, found " + batch + " and " + rounds);
    }
    Stem chosen = stem != null ? stem : size >= 96 ? Stem.IMAGENET : Stem.SMALL;
    int hidden = depth >= 50 ? 2048 : 512;
    EncoderSettings settings =
        new EncoderSettings(
            depth, width, chosen, norm, size, false, Initialization.SIMCLR, 2, hidden, 128);
    try {
      EngineSettings engines = new EngineSettings(engine, precision, threads());
      Map<String, Object> result = EncoderBench.run(settings, engines, batch, rounds);
      double gemm = GemmRate.measure(threads(), Natives::limitThread);
      result.put("gemm_gflops", gemm);
      result.put("ratio", (Double) result.get("gflops") / gemm);
      return result;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }
}
