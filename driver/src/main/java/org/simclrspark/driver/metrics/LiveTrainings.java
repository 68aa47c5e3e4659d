package org.simclrspark.driver.metrics;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that train in this driver: one, or those of a sweep, one after the other or several at a
 * time.
 */
public final class LiveTrainings {

  /** Those of this process. */
  public static final LiveTrainings CURRENT = new LiveTrainings(System::nanoTime);

  private static final Logger LOG = LoggerFactory.getLogger(LiveTrainings.class);

  /** Shows the runs that share this driver with others. */
  interface Display {

    /** Shows a run; what it returns ends that. */
    Runnable show(String run, LiveTraining training);
  }

  private record Running(LiveTraining training, Runnable display) {}

  private final LongSupplier nanoTime;
  private final List<Running> running = new CopyOnWriteArrayList<>();
  private volatile Optional<LiveTraining> lastEnded = Optional.empty();
  private long skippedInEnded;
  private volatile Display display = (run, training) -> () -> {};

  LiveTrainings(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * A run starts, or goes on from a checkpoint.
   *
   * @param run its name, where it is one of several in this driver
   */
  public LiveTraining started(Optional<String> run) {
    LiveTraining training = new LiveTraining(nanoTime);
    running.add(new Running(training, run.map(name -> displayed(name, training)).orElse(() -> {})));
    return training;
  }

  /** A run trains no more, however that came. */
  public synchronized void ended(LiveTraining training) {
    training.ended();
    lastEnded = Optional.of(training);
    skippedInEnded += training.imagesSkipped();
    for (Running one : running) {
      if (one.training == training) {
        running.remove(one);
        one.display.run();
      }
    }
  }

  /** Runs that start from now on are shown there. */
  void showOn(Display shown) {
    display = shown;
  }

  private Runnable displayed(String run, LiveTraining training) {
    try {
      return display.show(run, training);
    } catch (RuntimeException | LinkageError e) {
      // Thrown on, it would end the training.
      LOG.warn("The metrics of {} are not in Spark's", run, e);
      return () -> {};
    }
  }

  /** Runs that train now. */
  int running() {
    return running.size();
  }

  /** Damaged images that were left out, in all runs since the driver started. */
  synchronized long imagesSkipped() {
    return skippedInEnded + running.stream().mapToLong(one -> one.training.imagesSkipped()).sum();
  }

  /** A figure of the only run, or of the last one where none trains; NaN where several do. */
  double ofTheOnly(ToDoubleFunction<LiveTraining> figure) {
    List<LiveTraining> found = current();
    return found.size() == 1 ? figure.applyAsDouble(found.get(0)) : Double.NaN;
  }

  /** The largest figure of the runs that train, or that of the last one; 0 where there is none. */
  double largest(ToDoubleFunction<LiveTraining> figure) {
    DoubleStream figures = current().stream().mapToDouble(figure);
    return figures.filter(value -> !Double.isNaN(value)).max().orElse(0);
  }

  private List<LiveTraining> current() {
    List<LiveTraining> found = running.stream().map(Running::training).toList();
    return found.isEmpty() ? lastEnded.stream().toList() : found;
  }
}
