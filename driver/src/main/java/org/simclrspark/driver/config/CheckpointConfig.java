package org.simclrspark.driver.config;

/**
 * When the state of a run is saved. It always is at the end.
 *
 * @param everySteps after every so many steps; 0 for not by steps
 * @param everyEpochs after every so many epochs; 0 for not by epochs
 * @param keep how many of the newest stay
 * @param keepRuns how many finished runs of a schedule stay, the newest; 0 for all
 */
public record CheckpointConfig(int everySteps, int everyEpochs, int keep, int keepRuns) {

  static CheckpointConfig read(Section section) {
    Range interval = Range.between(0, Integer.MAX_VALUE);
    return new CheckpointConfig(
        section.integer("every-steps", interval),
        section.integer("every-epochs", interval),
        section.integer("keep", Range.between(1, 10_000)),
        section.integer("keep-runs", Range.between(0, 10_000)));
  }
}
