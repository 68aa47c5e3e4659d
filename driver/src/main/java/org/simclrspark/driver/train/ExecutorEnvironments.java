package org.simclrspark.driver.train;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.simclrspark.driver.checkpoint.Environment;

/**
 * The environments of the JVMs that tasks ran in.
 *
 * <p>The set is replaced, never changed: Spark's heartbeat serialises it while tasks add to it.
 */
final class ExecutorEnvironments extends AccumulatorV2<Environment, Set<Environment>> {

  private static final long serialVersionUID = 1;

  private volatile Set<Environment> seen = Set.of();

  private ExecutorEnvironments() {}

  static ExecutorEnvironments register(JavaSparkContext spark) {
    ExecutorEnvironments environments = new ExecutorEnvironments();
    spark.sc().register(environments, "environments");
    return environments;
  }

  @Override
  public boolean isZero() {
    return seen.isEmpty();
  }

  @Override
  public ExecutorEnvironments copy() {
    ExecutorEnvironments copy = new ExecutorEnvironments();
    copy.seen = seen;
    return copy;
  }

  @Override
  public void reset() {
    seen = Set.of();
  }

  @Override
  public void add(Environment environment) {
    addAll(Set.of(environment));
  }

  @Override
  public void merge(AccumulatorV2<Environment, Set<Environment>> other) {
    addAll(other.value());
  }

  private synchronized void addAll(Set<Environment> more) {
    if (!seen.containsAll(more)) {
      Set<Environment> all = new LinkedHashSet<>(seen);
      all.addAll(more);
      seen = Collections.unmodifiableSet(all);
    }
  }

  @Override
  public Set<Environment> value() {
    return seen;
  }
}
