package org.simclrspark.driver.report;

import java.util.Map;

/**
 * Is told of every line of the metrics as it comes, on the thread that trains: it returns at once
 * and throws nothing.
 */
public interface StepObserver {

  /**
   * A step is done.
   *
   * @param line of the step; not to be changed
   */
  void appended(Map<String, ?> line);

  /**
   * More is known of the last step.
   *
   * @param values by name; not to be changed
   */
  void amended(long step, Map<String, ?> values);
}
