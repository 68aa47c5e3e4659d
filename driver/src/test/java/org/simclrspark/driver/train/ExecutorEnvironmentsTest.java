package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.worker.machine.Isa;

class ExecutorEnvironmentsTest {

  /** Spark's heartbeat writes the accumulators of running tasks while these add to them. */
  @Test
  void canBeWrittenWhileTasksAddToIt() throws Exception {
    ExecutorEnvironments environments =
        (ExecutorEnvironments) ExecutorEnvironments.register(LocalSpark.context()).copy();
    AtomicBoolean done = new AtomicBoolean();
    Thread task =
        new Thread(
            () -> {
              for (int i = 0; i < 3000; i++) {
                environments.add(
                    new Environment("17", "m", "n", "cpu " + i, "avx2", 1, Isa.NATIVE, ""));
              }
              done.set(true);
            });
    task.start();
    int writes = 0;
    while (!done.get() || writes == 0) {
      try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
        out.writeObject(environments.value());
      }
      writes++;
    }
    task.join();
    assertThat(environments.value()).hasSize(3000);
  }
}
