package org.simclrspark.driver.train;

import java.util.UUID;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.EngineSource;
import org.simclrspark.worker.Engines;

/** Where tasks borrow engines; whoever borrows tells its environment. */
record TaskEngines(EncoderSettings settings, int threads, ExecutorEnvironments executors)
    implements EngineSource {

  @Override
  public Loan borrow() {
    return told(Engines.borrow(settings, threads));
  }

  @Override
  public Loan borrow(UUID step, int shard) {
    return told(Engines.borrow(settings, threads, step, shard));
  }

  /** Borrowing chooses the natives, which the environment tells of. */
  private Loan told(Loan loan) {
    executors.add(Environment.current(threads));
    return loan;
  }
}
