package org.simclrspark.driver.train;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.simclrspark.worker.engine.Engine;

/**
 * Counts the bytes that go into and out of the engines of all tasks: for GPUs those over the bus.
 * What a task that was lost or repeated has moved counts too.
 */
final class EngineTraffic implements Serializable {

  private static final long serialVersionUID = 1;

  private final LongAccumulator in;
  private final LongAccumulator out;
  private long inBefore;
  private long outBefore;

  EngineTraffic(JavaSparkContext spark) {
    in = spark.sc().longAccumulator();
    out = spark.sc().longAccumulator();
  }

  /** Counts what a task has moved; called where it runs. */
  void add(Engine.Traffic moved) {
    in.add(moved.in());
    out.add(moved.out());
  }

  /** Bytes in and out since this was called last; called by the driver. */
  Map<String, Long> sinceLastTime() {
    long inNow = in.sum();
    long outNow = out.sum();
    Map<String, Long> moved =
        new TreeMap<>(Map.of("in", inNow - inBefore, "out", outNow - outBefore));
    inBefore = inNow;
    outBefore = outNow;
    return moved;
  }
}
