package org.simclrspark.driver.report;

/** Tells a person how training is going. Calls come from one thread. */
public interface Progress extends AutoCloseable {

  /**
   * Training starts.
   *
   * @param stepsDone by earlier runs that this one continues
   * @param stepsTotal at which training ends, those of earlier runs included
   */
  void started(long stepsDone, long stepsTotal);

  /**
   * A step is done.
   *
   * @param step number of steps done so far, those of earlier runs included
   * @param epoch passes over the images so far; fractional
   * @param loss of the step
   * @param accuracy contrastive accuracy, from 0 to 1
   * @param imagesPerSecond of the step
   */
  void step(long step, double epoch, double loss, double accuracy, double imagesPerSecond);

  /** Shows a line that stays. */
  void message(String line);

  /** Training is over, for good or bad; called again, it does nothing. */
  void finished();

  @Override
  default void close() {
    finished();
  }
}
