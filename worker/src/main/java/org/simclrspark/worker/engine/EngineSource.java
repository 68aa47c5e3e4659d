package org.simclrspark.worker.engine;

import java.io.Serializable;
import java.util.UUID;

/**
 * Lends engines to the tasks of a JVM. It travels to executors inside tasks; the engines themselves
 * stay where they are.
 */
@FunctionalInterface
public interface EngineSource extends Serializable {

  /** Lends an engine to the calling thread. */
  Loan borrow();

  /**
   * Lends an engine for a shard of a step: the one that has kept the shard's activations, where
   * there is one.
   */
  default Loan borrow(UUID step, int shard) {
    return borrow();
  }

  /** An engine for the borrower alone, until the loan is closed. */
  interface Loan extends AutoCloseable {

    /** The engine; its parameters are whatever the last borrower loaded. */
    Engine engine();

    @Override
    void close();
  }

  /** A source that makes a new engine for every loan, for engines that cost nothing to make. */
  static EngineSource ofNew(Maker maker) {
    return () -> {
      Engine engine = maker.make();
      return new Loan() {
        @Override
        public Engine engine() {
          return engine;
        }

        @Override
        public void close() {
          engine.close();
        }
      };
    };
  }

  /** Makes an engine. */
  @FunctionalInterface
  interface Maker extends Serializable {
    Engine make();
  }
}
