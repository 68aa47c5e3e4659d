package org.simclrspark.driver.train;

import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.run.RunSeries;
import org.simclrspark.driver.run.RunSeries.Entry;
import org.simclrspark.driver.storage.Storage;

/**
 * One start of {@code pretrain}, by hand or by a schedule.
 *
 * @param series the runs of the schedule; empty for a run of its own
 * @param directory of the run that this firing starts, where it does not go on with another
 * @param ifChanged whether a new run is started only for other images or another configuration than
 *     those of the last finished run
 */
public record Firing(Optional<RunSeries> series, Optional<Path> directory, boolean ifChanged) {

  /** A run of its own. */
  public static final Firing SINGLE = new Firing(Optional.empty(), Optional.empty(), false);

  /**
   * The last finished run, if a new one would be trained on the same images in the same way.
   *
   * @param dataset to be trained on
   */
  Optional<Path> unchangedSince(Dataset dataset, SimclrConfig config, Configuration hadoop) {
    if (!ifChanged) {
      return Optional.empty();
    }
    return series
        .flatMap(RunSeries::lastFinished)
        .filter(last -> isOf(last, dataset.fingerprint()))
        .map(Entry::path)
        .filter(last -> config.trainsAs(configuration(last, hadoop)));
  }

  private static boolean isOf(Entry run, String fingerprint) {
    return run.summary()
        .map(summary -> summary.values().get(Summary.DATA_FINGERPRINT))
        .filter(fingerprint::equals)
        .isPresent();
  }

  private static SimclrConfig configuration(Path run, Configuration hadoop) {
    Path file = new Path(run, SimclrConfig.FILE_NAME);
    byte[] bytes = Storage.of(file, hadoop, line -> {}).readIfPresent(file).orElse(new byte[0]);
    return SimclrConfig.load(ConfigFiles.parse(bytes, file.toString()), List.of());
  }
}
