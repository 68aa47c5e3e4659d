package org.simclrspark.driver.step;

import java.util.List;
import org.apache.spark.SparkException;

/**
 * Tells a step that failed because the cluster lost something from one that fails by itself. A step
 * is a pure function of images and parameters, so the former may simply be computed again.
 */
public final class LostWork {

  /** How Spark words it when executors, map output or blocks are gone and its own retries end. */
  private static final List<String> SIGNS =
      List.of(
          "ExecutorLostFailure",
          "FetchFailed",
          "has failed the maximum allowable number of times",
          "Failed to get broadcast_",
          "Could not find CoarseGrainedScheduler");

  private LostWork() {}

  /** Whether lost executors, or what was on them, are behind a failure. */
  public static boolean isBehind(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof SparkException && SIGNS.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }
}
