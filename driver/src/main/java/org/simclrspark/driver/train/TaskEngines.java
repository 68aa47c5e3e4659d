package org.simclrspark.driver.train;

import java.util.UUID;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.network.EncoderSettings;

/**
 * Where tasks borrow engines; whoever borrows tells its environment, and whoever gives back how
 * many bytes its engine has moved.
 */
record TaskEngines(
    EncoderSettings encoder,
    EngineSettings settings,
    ExecutorEnvironments executors,
    EngineTraffic traffic)
    implements EngineSource {

  @Override
  public Loan borrow() {
    return told(Engines.borrow(encoder, settings));
  }

  @Override
  public Loan borrow(UUID step, int shard) {
    return told(Engines.borrow(encoder, settings, step, shard));
  }

  /** Borrowing chooses the natives, which the environment tells of. */
  private Loan told(Loan loan) {
    executors.add(Environment.current(settings.threads(), loan.engine().name()));
    Engine.Traffic before = loan.engine().traffic();
    return new Loan() {
      @Override
      public Engine engine() {
        return loan.engine();
      }

      @Override
      public void close() {
        traffic.add(loan.engine().traffic().since(before));
        loan.close();
      }
    };
  }
}
