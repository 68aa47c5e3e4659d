package org.simclrspark.driver.config;

import java.util.Optional;

/**
 * How long and in which portions training goes.
 *
 * @param batch K, images in a step
 * @param shards S, Spark tasks in a step; divides K
 * @param microBatch views encoded together; divides K/S, because a micro-batch never holds both
 *     views of an image
 * @param epochs passes over the images; the schedule of the learning rate spans them
 * @param steps where to stop at the latest, counted from the first step of the run; does not change
 *     the schedule
 * @param seed of everything that is random
 * @param initial the run whose encoder this one starts from, or {@value #LATEST}; empty for random
 *     parameters
 */
public record TrainConfig(
    int batch,
    int shards,
    int microBatch,
    int epochs,
    Optional<Integer> steps,
    long seed,
    Optional<String> initial) {

  /** Value of {@code initial} for the last finished run of a schedule. */
  public static final String LATEST = "latest";

  static TrainConfig read(Section section, Problems problems) {
    TrainConfig result =
        new TrainConfig(
            section.integer("batch", Range.between(2, 1 << 24)),
            section.integer("shards", Range.between(1, 1 << 16)),
            section.integer("micro-batch", Range.between(1, 1 << 20)),
            section.integer("epochs", Range.between(1, 1_000_000)),
            section.optionalInteger("steps", Range.between(1, 99_999_999)),
            section.longInteger("seed"),
            section.optionalText("initial", "the directory of a run, or latest"));
    if (problems.none(section.key("batch"), section.key("shards"), section.key("micro-batch"))) {
      result.check(section);
    }
    return result;
  }

  private void check(Section section) {
    if (batch % shards != 0) {
      section.reject(
          "shards",
          "must divide train.batch, " + batch + ", found " + shards,
          "The nearest that does is " + nearestDivisor(batch, shards) + ".");
      return;
    }
    int images = batch / shards;
    if (images % microBatch != 0) {
      section.reject(
          "micro-batch",
          "must divide the images of a shard (train.batch / train.shards = "
              + images
              + "), found "
              + microBatch,
          "The nearest that does is " + nearestDivisor(images, microBatch) + ".");
    }
  }

  private static int nearestDivisor(int number, int wanted) {
    int best = 1;
    for (int candidate = 1; candidate <= number; candidate++) {
      if (number % candidate == 0 && Math.abs(candidate - wanted) < Math.abs(best - wanted)) {
        best = candidate;
      }
    }
    return best;
  }
}
