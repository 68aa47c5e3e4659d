package org.simclrspark.driver.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Kills executors and drivers of a training at random moments. */
final class Disturbance {

  static final String EXECUTOR = "executor";
  static final String DRIVER = "driver";

  private static final long POLL_MILLISECONDS = 20;
  private static final double LATEST_MOMENT_SECONDS = 1.5;

  private final StandaloneCluster cluster;
  private final ClusterTraining training;
  private final Random random;

  /**
   * One kill.
   *
   * @param victim {@link #EXECUTOR} or {@link #DRIVER}
   * @param step that it fell into, from 1
   * @param phase of that step
   * @param startSeconds when, in seconds of this JVM's clock
   * @param endSeconds when that step was done
   */
  record Kill(String victim, int step, String phase, double startSeconds, double endSeconds) {}

  Disturbance(StandaloneCluster cluster, ClusterTraining training, long seed) {
    this.cluster = cluster;
    this.training = training;
    this.random = new Random(seed);
  }

  /**
   * Trains to the end, with kills spread over the steps.
   *
   * @return what was killed, in order
   */
  List<Kill> run(int executors, int drivers, int steps) throws InterruptedException, IOException {
    List<String> victims = new ArrayList<>(Collections.nCopies(executors, EXECUTOR));
    victims.addAll(Collections.nCopies(drivers, DRIVER));
    Collections.shuffle(victims, random);
    List<Kill> kills = new ArrayList<>();
    training.start();
    for (int i = 0; i < victims.size(); i++) {
      int from = (int) ((long) i * (steps - 1) / victims.size());
      awaitStep(from);
      awaitExecutors();
      Thread.sleep((long) (1000 * LATEST_MOMENT_SECONDS * random.nextDouble()));
      if (!training.isRunning()) {
        break;
      }
      kills.add(kill(victims.get(i)));
    }
    training.requireSuccess();
    return kills;
  }

  private Kill kill(String victim) throws InterruptedException {
    int step = training.stepsDone() + 1;
    String phase = training.watch().phase();
    double start = now();
    if (victim.equals(DRIVER)) {
      training.killDriver();
      training.start();
    } else {
      // The one of the moment before may have died with its driver.
      List<ProcessHandle> executors = awaitExecutors();
      if (!executors.isEmpty()) {
        executors.get(random.nextInt(executors.size())).destroyForcibly();
      }
    }
    awaitStep(step);
    return new Kill(victim, step, phase, start, now());
  }

  /** What a kill cost: the time until its step was done, less half a usual step. */
  double cost(Kill kill, double usualStepSeconds) {
    return Math.max(0, kill.endSeconds() - kill.startSeconds() - usualStepSeconds / 2);
  }

  private void awaitStep(int step) throws InterruptedException {
    while (training.isRunning() && training.stepsDone() < step) {
      Thread.sleep(POLL_MILLISECONDS);
    }
  }

  /** The executors that live now: one at least, unless the training has ended. */
  private List<ProcessHandle> awaitExecutors() throws InterruptedException {
    List<ProcessHandle> executors = cluster.executors();
    while (training.isRunning() && executors.isEmpty()) {
      Thread.sleep(POLL_MILLISECONDS);
      executors = cluster.executors();
    }
    return executors;
  }

  private static double now() {
    return System.nanoTime() / 1e9;
  }
}
