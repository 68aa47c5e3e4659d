package org.simclrspark.driver.metrics;

import java.io.Serializable;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.machine.GpuMemory;
import org.simclrspark.worker.machine.JvmMemory;

/**
 * What an executor tells of itself.
 *
 * @param executor its id
 * @param heapBytes in use after the last garbage collection
 * @param nativeBytes resident beside the heap
 * @param residentBytes of the process
 * @param gpuBytes in use on the machine's GPUs; 0 without any
 * @param enginesMade since it started
 * @param enginesReused times that a task found an engine that was made before
 */
record ExecutorReport(
    String executor,
    long heapBytes,
    long nativeBytes,
    long residentBytes,
    long gpuBytes,
    long enginesMade,
    long enginesReused)
    implements Serializable {

  static ExecutorReport now(String executor) {
    JvmMemory memory = JvmMemory.now();
    return new ExecutorReport(
        executor,
        memory.heap(),
        memory.nativeBytes(),
        memory.resident(),
        GpuMemory.usedBytes(),
        Engines.made(),
        Engines.reused());
  }
}
