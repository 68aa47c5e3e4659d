package org.simclrspark.driver.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;

class ExecutorLossesTest {

  @Test
  void countsEachLostExecutorOnceAndNoneThatWasGivenBack() {
    try (ExecutorLosses losses = new ExecutorLosses(LocalSpark.context().sc())) {
      losses.onExecutorRemoved(removed("1", "Command exited with code 137"));
      losses.onExecutorRemoved(removed("1", "Remote RPC client disassociated"));
      losses.onExecutorRemoved(removed("2", "Executor killed by driver."));
      losses.onExecutorRemoved(removed("2", "Command exited with code 143"));
      losses.onExecutorRemoved(removed("3", "Executor decommission: worker decommissioned"));
      losses.onExecutorRemoved(removed("4", "Executor decommission: spark scale down"));
      assertThat(losses.sinceLastTime()).isEqualTo(2);
      assertThat(losses.sinceLastTime()).isZero();
      assertThat(losses.count()).isEqualTo(2);
    }
  }

  private static SparkListenerExecutorRemoved removed(String executor, String reason) {
    return new SparkListenerExecutorRemoved(0, executor, reason);
  }
}
