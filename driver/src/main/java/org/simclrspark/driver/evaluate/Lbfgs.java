package org.simclrspark.driver.evaluate;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Function;

/**
 * Minimises a smooth function by L-BFGS (Nocedal and Wright 2006, <i>Numerical Optimization</i>,
 * algorithms 7.4 and 7.5), with a line search that brackets a step by the weak conditions of Wolfe
 * (Lewis and Overton 2013). What ends it is what ends the solver of MLlib, which is written for
 * Scala alone.
 */
final class Lbfgs {

  /** Steps whose curvature is remembered. */
  private static final int CORRECTIONS = 10;

  /** Gain over {@link #ITERATIONS_OF_GAIN}, relative to the first value, that ends the search. */
  private static final double TOLERANCE = 1e-6;

  private static final int ITERATIONS_OF_GAIN = 10;

  private static final double DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int STEPS_TRIED = 30;

  private final int iterations;
  private final Function<double[], Point> function;

  /**
   * A point at which the function is known.
   *
   * @param at the point
   * @param value there; infinite where it is too great to be told
   * @param gradient there
   */
  record Point(double[] at, double value, double[] gradient) {}

  /** A step and what it did to the gradient. */
  private record Correction(double[] step, double[] change, double curvature) {}

  /**
   * Makes the solver.
   *
   * @param iterations at most
   * @param function gives value and gradient at a point
   */
  Lbfgs(int iterations, Function<double[], Point> function) {
    this.iterations = iterations;
    this.function = function;
  }

  /** The least point found, going down from a start where the function is finite. */
  Point minimise(double[] start) {
    Point point = function.apply(start);
    double first = Math.abs(point.value());
    Deque<Correction> corrections = new ArrayDeque<>();
    Deque<Double> values = new ArrayDeque<>();
    for (int i = 0; i < iterations; i++) {
      values.addLast(point.value());
      boolean hasStalled =
          values.size() > ITERATIONS_OF_GAIN
              && values.removeFirst() - point.value() <= TOLERANCE * first;
      if (hasStalled || norm(point.gradient()) <= TOLERANCE * first) {
        return point;
      }
      Point next = search(point, direction(point.gradient(), corrections), corrections.isEmpty());
      if (next == null && corrections.isEmpty()) {
        return point;
      }
      if (next == null) {
        // What is remembered leads nowhere: the next iteration goes down the gradient.
        corrections.clear();
        continue;
      }
      remember(corrections, point, next);
      point = next;
    }
    return point;
  }

  /** The gradient times the negative approximate inverse of the Hessian. */
  private static double[] direction(double[] gradient, Deque<Correction> corrections) {
    double[] direction = new double[gradient.length];
    addTo(direction, gradient, -1);
    double[] weights = new double[corrections.size()];
    int i = 0;
    for (Correction latest : corrections) {
      weights[i] = dot(latest.step(), direction) / latest.curvature();
      addTo(direction, latest.change(), -weights[i++]);
    }
    if (!corrections.isEmpty()) {
      Correction latest = corrections.getFirst();
      double scale = latest.curvature() / dot(latest.change(), latest.change());
      for (int j = 0; j < direction.length; j++) {
        direction[j] *= scale;
      }
    }
    Iterator<Correction> oldestFirst = corrections.descendingIterator();
    while (oldestFirst.hasNext()) {
      Correction oldest = oldestFirst.next();
      double weight = dot(oldest.change(), direction) / oldest.curvature();
      addTo(direction, oldest.step(), weights[--i] - weight);
    }
    return direction;
  }

  /**
   * A point in a direction that is far enough down and far enough on.
   *
   * @param isFirst whether the direction's length means nothing yet
   * @return null where there is none, for the function's rounding
   */
  private Point search(Point from, double[] direction, boolean isFirst) {
    double slope = dot(from.gradient(), direction);
    double least = 0;
    double most = Double.POSITIVE_INFINITY;
    double step = isFirst ? Math.min(1, 1 / norm(direction)) : 1;
    for (int i = 0; i < STEPS_TRIED && slope < 0; i++) {
      double[] at = from.at().clone();
      addTo(at, direction, step);
      Point point = function.apply(at);
      if (!(point.value() <= from.value() + DECREASE * step * slope)) {
        most = step;
      } else if (dot(point.gradient(), direction) < CURVATURE * slope) {
        least = step;
      } else {
        return point;
      }
      step = most == Double.POSITIVE_INFINITY ? 2 * least : (least + most) / 2;
    }
    return null;
  }

  /** Latest first. */
  private static void remember(Deque<Correction> corrections, Point from, Point to) {
    double[] step = to.at().clone();
    addTo(step, from.at(), -1);
    double[] change = to.gradient().clone();
    addTo(change, from.gradient(), -1);
    if (corrections.size() == CORRECTIONS) {
      corrections.removeLast();
    }
    corrections.addFirst(new Correction(step, change, dot(step, change)));
  }

  private static void addTo(double[] sum, double[] vector, double times) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += times * vector[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }
}
