package org.simclrspark.driver.step;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.simclrspark.worker.machine.JvmMemory;

/**
 * The largest memory that any task saw in its JVM during a step. A maximum does not mind tasks that
 * are run again.
 */
final class ClusterMemory extends AccumulatorV2<JvmMemory, JvmMemory> {

  private static final long serialVersionUID = 1;
  private static final JvmMemory NOTHING = new JvmMemory(0, 0, 0);

  private JvmMemory largest = NOTHING;

  private ClusterMemory() {}

  static ClusterMemory register(JavaSparkContext spark) {
    ClusterMemory memory = new ClusterMemory();
    spark.sc().register(memory, "memory");
    return memory;
  }

  /**
   * Bytes by name, for the driver's JVM and for the executors', the largest of each: heap (in use
   * after the last garbage collection), resident (of the process), native (resident beside the
   * heap). With Spark embedded, driver and executor are one process.
   */
  Map<String, Long> bytes() {
    Map<String, Long> bytes = new LinkedHashMap<>();
    put(bytes, "driver", JvmMemory.now());
    put(bytes, "executor", largest);
    return bytes;
  }

  private static void put(Map<String, Long> bytes, String process, JvmMemory memory) {
    bytes.put(process + "_heap", memory.heap());
    bytes.put(process + "_resident", memory.resident());
    bytes.put(process + "_native", memory.nativeBytes());
  }

  @Override
  public boolean isZero() {
    return largest.equals(NOTHING);
  }

  @Override
  public ClusterMemory copy() {
    ClusterMemory copy = new ClusterMemory();
    copy.largest = largest;
    return copy;
  }

  @Override
  public void reset() {
    largest = NOTHING;
  }

  @Override
  public void add(JvmMemory seen) {
    largest =
        new JvmMemory(
            Math.max(largest.heap(), seen.heap()),
            Math.max(largest.resident(), seen.resident()),
            Math.max(largest.nativeBytes(), seen.nativeBytes()));
  }

  @Override
  public void merge(AccumulatorV2<JvmMemory, JvmMemory> other) {
    add(other.value());
  }

  @Override
  public JvmMemory value() {
    return largest;
  }
}
