package org.simclrspark.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.hadoop.ipc.RemoteException;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private static final RetryPolicy POLICY =
      new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofSeconds(60));

  @Test
  void pausesDoubleUpToTheLongest() {
    for (int failures = 1; failures <= 4; failures++) {
      assertThat(POLICY.pause(failures, Duration.ZERO))
          .contains(Duration.ofSeconds(1L << (failures - 1)));
    }
    assertThat(POLICY.pause(40, Duration.ZERO)).contains(Duration.ofSeconds(8));
  }

  @Property
  void neverPausesBeyondTheLimit(
      @ForAll @IntRange(min = 1, max = 1000) int failures,
      @ForAll @IntRange(min = 0, max = 70_000) int millis) {
    Duration since = Duration.ofMillis(millis);
    if (millis >= 60_000) {
      assertThat(POLICY.pause(failures, since)).isEmpty();
    } else {
      assertThat(since.plus(POLICY.pause(failures, since).orElseThrow()))
          .isLessThanOrEqualTo(Duration.ofSeconds(60));
    }
  }

  @Test
  void whatNeedsSomebodysHelpDoesNotPass() {
    assertThat(RetryPolicy.mayPass(new FileNotFoundException("x"))).isFalse();
    assertThat(RetryPolicy.mayPass(new AccessDeniedException("x"))).isFalse();
    assertThat(RetryPolicy.mayPass(new IOException("No space left on device"))).isFalse();
    assertThat(
            RetryPolicy.mayPass(
                new RemoteException(
                    "org.apache.hadoop.security.AccessControlException", "no permission")))
        .isFalse();
  }

  @Test
  void theRestMayPass() {
    assertThat(RetryPolicy.mayPass(new IOException("Connection reset by peer"))).isTrue();
    assertThat(
            RetryPolicy.mayPass(
                new RemoteException(
                    "org.apache.hadoop.hdfs.server.namenode.SafeModeException", "safe mode")))
        .isTrue();
  }
}
