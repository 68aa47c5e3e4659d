package org.simclrspark.driver.train;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.simclrspark.driver.checkpoint.Environment;

/** The environments of the JVMs that tasks ran in. */
final class ExecutorEnvironments extends AccumulatorV2<Environment, Set<Environment>> {

  private static final long serialVersionUID = 1;

  private final LinkedHashSet<Environment> seen = new LinkedHashSet<>();

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
    copy.seen.addAll(seen);
    return copy;
  }

  @Override
  public void reset() {
    seen.clear();
  }

  @Override
  public void add(Environment environment) {
    seen.add(environment);
  }

  @Override
  public void merge(AccumulatorV2<Environment, Set<Environment>> other) {
    seen.addAll(other.value());
  }

  @Override
  public Set<Environment> value() {
    return seen;
  }
}
