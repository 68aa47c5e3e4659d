package org.simclrspark.driver.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.States;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.SimclrConfig;

/** A driver to kill: every step has known bits and is committed. */
final class TrainingProcess {

  private static final SimclrConfig CONFIG =
      SimclrConfig.of("data.train=images", "checkpoint.keep=2");

  private TrainingProcess() {}

  /** Arguments: run directory, steps, and how long a step takes in milliseconds. */
  public static void main(String[] arguments) {
    int steps = Integer.parseInt(arguments[1]);
    long stepMillis = Long.parseLong(arguments[2]);
    try (StopRequest stop =
            StopRequest.onSignals(
                Duration.ofMillis(300), Thread.currentThread()::interrupt, TrainingProcess::tell);
        RunDirectory run =
            RunDirectory.open(
                new Path(arguments[0]),
                CONFIG,
                new Configuration(),
                Environment.current(1),
                TrainingProcess::tell)) {
      long step = run.resume(TestRunData.DATA).map(state -> state.step()).orElse(0L);
      tell("ready");
      while (step < steps && !stop.isRequested()) {
        try {
          Thread.sleep(stepMillis);
          step++;
        } catch (InterruptedException cancelled) {
          tell("Cancelled in step " + (step + 1) + ": " + stop.isRequested());
        }
        run.commit(
            state(step), Map.of("encoder.zip", out -> out.write("an encoder".getBytes(UTF_8))));
        tell("step " + step);
      }
      if (stop.isRequested()) {
        run.close();
        System.exit(stop.exitStatus());
      }
    } catch (RunInUseException e) {
      tell(e.getMessage());
      System.exit(1);
    }
  }

  static TrainingState state(long step) {
    TrainingState any = States.after(step, 100_000);
    return new TrainingState(
        step,
        any.epoch(),
        any.parameters(),
        any.runningStatistics(),
        any.optimizer(),
        CONFIG.render());
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
