package org.simclrspark.worker.workspace;

import java.util.Map;
import java.util.TreeMap;

/** Parts of one workspace, planned before it exists: what is released is taken again. */
final class WorkspaceParts {

  private final TreeMap<Long, Long> free = new TreeMap<>();
  private long bytes;

  /** Bytes of the workspace. */
  long bytes() {
    return bytes;
  }

  /** Best fit; the workspace grows where nothing fits. */
  WorkspacePart take(long wanted) {
    long best = -1;
    for (Map.Entry<Long, Long> hole : free.entrySet()) {
      if (hole.getValue() >= wanted && (best < 0 || hole.getValue() < free.get(best))) {
        best = hole.getKey();
      }
    }
    if (best < 0) {
      Map.Entry<Long, Long> last = free.lastEntry();
      if (last != null && last.getKey() + last.getValue() == bytes) {
        best = last.getKey();
        free.put(best, wanted);
        bytes = best + wanted;
      } else {
        best = bytes;
        free.put(best, wanted);
        bytes += wanted;
      }
    }
    long size = free.remove(best);
    if (size > wanted) {
      free.put(best + wanted, size - wanted);
    }
    return new WorkspacePart(best, wanted);
  }

  void release(WorkspacePart part) {
    long offset = part.offset();
    long size = part.bytes();
    Map.Entry<Long, Long> before = free.lowerEntry(offset);
    if (before != null && before.getKey() + before.getValue() == offset) {
      free.remove(before.getKey());
      offset = before.getKey();
      size += before.getValue();
    }
    Long after = free.remove(offset + size);
    free.put(offset, after == null ? size : size + after);
  }
}
