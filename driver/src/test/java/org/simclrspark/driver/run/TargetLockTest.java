package org.simclrspark.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetLockTest {

  @TempDir java.nio.file.Path target;

  @Test
  void keepsASecondPreparationOut() {
    try (TargetLock lock = acquire()) {
      assertThatThrownBy(this::acquire)
          .isInstanceOf(RunInUseException.class)
          .hasMessageContaining("A dataset must be prepared by one process at a time")
          .hasMessageContaining(target.toString())
          .hasMessageContaining("choose another --to");
      lock.ensureHeld();
    }
    acquire().close();
    assertThat(Files.exists(target.resolve("_lock"))).isFalse();
  }

  private TargetLock acquire() {
    return TargetLock.acquire(
        new Path(target.resolve("_lock").toUri()), new Configuration(), line -> {});
  }
}
