package org.simclrspark.worker.machine;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Memory of a JVM, in bytes.
 *
 * @param heap what was in use on the Java heap after the last garbage collection; before the first,
 *     what is in use
 * @param resident what the process holds of the machine's memory; 0 where Linux does not tell
 * @param nativeBytes resident memory beside the heap's pages: natives' buffers, code, classes
 */
public record JvmMemory(long heap, long resident, long nativeBytes) implements Serializable {

  private static final String RESIDENT = "VmRSS:";

  /** Of this process, now. */
  public static JvmMemory now() {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    long resident = residentOf(ProcessHandle.current().pid());
    // The serial collector, which a JVM with one core takes by itself, commits pages that it has
    // not
    // touched: they are not resident, whereas those in use are.
    long ofHeap = resident > heap.getCommitted() ? heap.getCommitted() : heap.getUsed();
    return new JvmMemory(
        heapAfterCollection(heap.getUsed()), resident, Math.max(0, resident - ofHeap));
  }

  private static long heapAfterCollection(long used) {
    GcInfo last = null;
    for (GarbageCollectorMXBean bean :
        ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class)) {
      GcInfo info = bean.getLastGcInfo();
      if (info != null && (last == null || info.getEndTime() > last.getEndTime())) {
        last = info;
      }
    }
    if (last == null) {
      return used;
    }
    Set<String> heapPools = heapPools();
    return last.getMemoryUsageAfterGc().entrySet().stream()
        .filter(pool -> heapPools.contains(pool.getKey()))
        .mapToLong(pool -> pool.getValue().getUsed())
        .sum();
  }

  private static Set<String> heapPools() {
    Set<String> names = new HashSet<>();
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        names.add(pool.getName());
      }
    }
    return names;
  }

  /**
   * Resident memory of a process of this machine; 0 where it has ended, or Linux does not tell.
   *
   * @param process its id
   */
  public static long residentOf(long process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process), "status"))) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> line.substring(RESIDENT.length()).replace("kB", "").strip())
          .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException untold) {
      return 0;
    }
  }
}
