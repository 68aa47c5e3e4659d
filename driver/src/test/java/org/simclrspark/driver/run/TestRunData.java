package org.simclrspark.driver.run;

import java.util.TreeMap;

/** Data of a run whose images do not matter. */
final class TestRunData {
  static final RunData DATA =
      new RunData(new DataIdentity("/images", 10, "a1b2", new TreeMap<>()), null, null);

  private TestRunData() {}
}
