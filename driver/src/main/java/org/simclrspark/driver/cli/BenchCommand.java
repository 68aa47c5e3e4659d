package org.simclrspark.driver.cli;

import java.util.concurrent.Callable;
import org.simclrspark.driver.bench.BenchAugmentCommand;
import org.simclrspark.driver.bench.BenchChaosCommand;
import org.simclrspark.driver.bench.BenchDamageCommand;
import org.simclrspark.driver.bench.BenchEncoderCommand;
import org.simclrspark.driver.bench.BenchEpochCommand;
import org.simclrspark.driver.bench.BenchGpuCommand;
import org.simclrspark.driver.bench.BenchImagenetCommand;
import org.simclrspark.driver.bench.BenchLossCommand;
import org.simclrspark.driver.bench.BenchMemoryCommand;
import org.simclrspark.driver.bench.BenchScalingCommand;
import org.simclrspark.driver.bench.BenchStepCommand;
import org.simclrspark.driver.bench.BenchVectorsCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures a part. Benchmarks are its sub-commands, see {@link Benchmark}. */
@Command(
    name = "bench",
    description = "Measures a part; the last line of the output is one JSON object.",
    subcommands = {
      BenchAugmentCommand.class,
      BenchEncoderCommand.class,
      BenchGpuCommand.class,
      BenchLossCommand.class,
      BenchStepCommand.class,
      BenchEpochCommand.class,
      BenchImagenetCommand.class,
      BenchChaosCommand.class,
      BenchScalingCommand.class,
      BenchMemoryCommand.class,
      BenchDamageCommand.class,
      BenchVectorsCommand.class
    })
final class BenchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "bench needs the name of a benchmark, see simclr bench --help");
  }
}
