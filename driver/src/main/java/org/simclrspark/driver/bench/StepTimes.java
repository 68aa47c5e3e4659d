package org.simclrspark.driver.bench;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Times of a training's steps, from its metrics; medians, in seconds.
 *
 * <p>A step is modelled as tasks that share the executors and the rest, which does not get faster
 * with more of them: what the driver does, what goes over its network, and scheduling.
 */
final class StepTimes {

  /** Phases that are work of S equal tasks. */
  private static final List<String> SHARED = List.of("shards", "embed", "loss", "backward");

  private final List<Map<String, Object>> lines;

  /**
   * Reads the metrics.
   *
   * @param metrics a line a step
   * @param warmUp first steps that do not count
   */
  StepTimes(List<Map<String, Object>> metrics, int warmUp) {
    if (metrics.size() <= warmUp) {
      throw new IllegalArgumentException(
          "Steps must be more than " + warmUp + ", found " + metrics.size());
    }
    this.lines = metrics.subList(warmUp, metrics.size());
  }

  /** Of a phase. */
  double phaseSeconds(String phase) {
    return median(line -> phases(line).get(phase).doubleValue());
  }

  /** Names of the phases, in the order of the step. */
  List<String> phases() {
    return List.copyOf(phases(lines.get(0)).keySet());
  }

  /** Sum of all phases. */
  double stepSeconds() {
    return median(StepTimes::sum);
  }

  /** What remains of the wall-clock time of a step beside its phases: scheduling. */
  double schedulingSeconds(int batch) {
    return median(line -> batch / imagesPerSecond(line) - sum(line));
  }

  /** Images a second, by wall clock. */
  double imagesPerSecond() {
    return median(StepTimes::imagesPerSecond);
  }

  /**
   * Seconds a step would take on more executors than this run had, all else equal.
   *
   * @param batch K
   * @param factor times as many executors
   */
  double predictedSeconds(int batch, double factor) {
    double shared = SHARED.stream().mapToDouble(this::phaseSeconds).sum();
    double all = phases().stream().mapToDouble(this::phaseSeconds).sum();
    return shared / factor + (all - shared) + schedulingSeconds(batch);
  }

  private static double imagesPerSecond(Map<String, Object> line) {
    return ((Number) line.get("images_per_second")).doubleValue();
  }

  private static double sum(Map<String, Object> line) {
    return phases(line).values().stream().mapToDouble(Number::doubleValue).sum();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Number> phases(Map<String, Object> line) {
    return (Map<String, Number>) line.get("seconds");
  }

  private double median(ToDoubleFunction<Map<String, Object>> value) {
    double[] sorted = lines.stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
