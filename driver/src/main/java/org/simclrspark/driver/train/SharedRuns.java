package org.simclrspark.driver.train;

import java.util.OptionalLong;
import org.simclrspark.driver.run.StopRequest;

/**
 * What a run has in common with others of the same application.
 *
 * @param datasets that several runs read
 * @param stop asks the run to end, see {@link StopRequest#forRun}
 * @param pause leaves the run unfinished after so many steps, with the kNN accuracy of that step in
 *     its metrics; empty: goes on to the end
 */
public record SharedRuns(Datasets datasets, StopRequest stop, OptionalLong pause) {

  /** For a run that goes on to its end. */
  public static SharedRuns toTheEnd(Datasets datasets, StopRequest stop) {
    return new SharedRuns(datasets, stop, OptionalLong.empty());
  }
}
