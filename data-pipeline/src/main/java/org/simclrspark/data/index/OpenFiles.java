package org.simclrspark.data.index;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * Files that stay open from one range to the next, so that a range costs one request and not the
 * opening too; safe for many threads. Those that were not used for longest are closed beyond a
 * number, and what has failed is never used again.
 */
final class OpenFiles {
  private static final int LOCKS = 64;

  private final int most;
  private final Object[] locks = new Object[LOCKS];
  private final Map<String, ArrayDeque<OpenFile>> byName = new HashMap<>();

  /** Not in use, the one that was given back last at the end. */
  private final LinkedHashSet<OpenFile> idle = new LinkedHashSet<>();

  /** Opens a file. */
  @FunctionalInterface
  interface Opening {
    FSDataInputStream open() throws IOException;
  }

  private static final class OpenFile {
    final String name;
    final FSDataInputStream input;
    int readers = 1;
    boolean failed;

    OpenFile(String name, FSDataInputStream input) {
      this.name = name;
      this.input = input;
    }

    void close() {
      try {
        input.close();
      } catch (IOException nothingIsLost) {
        // All that was wanted of it has been read, or its failure is known.
      }
    }
  }

  /**
   * Opens nothing yet.
   *
   * @param most files that stay open while nobody reads them
   */
  OpenFiles(int most) {
    this.most = most;
    Arrays.setAll(locks, i -> new Object());
  }

  /**
   * Fills an array from a file's range.
   *
   * @param isShared whether a file that is open serves many threads at a time
   */
  void read(String name, long offset, byte[] bytes, boolean isShared, Opening opening)
      throws IOException {
    OpenFile file = isShared ? takeShared(name, opening) : take(name, false);
    if (file == null) {
      file = add(name, opening.open());
    }
    boolean isRead = false;
    try {
      file.input.readFully(offset, bytes);
      if (!isShared) {
        // What a stream on its own keeps of its last request, such as a connection, others need.
        file.input.unbuffer();
      }
      isRead = true;
    } finally {
      giveBack(file, !isRead);
    }
  }

  /** A shared file is opened once, by the first of all who want it. */
  private OpenFile takeShared(String name, Opening opening) throws IOException {
    OpenFile file = take(name, true);
    if (file != null) {
      return file;
    }
    synchronized (locks[Math.floorMod(name.hashCode(), locks.length)]) {
      file = take(name, true);
      return file != null ? file : add(name, opening.open());
    }
  }

  private synchronized OpenFile take(String name, boolean isShared) {
    for (OpenFile file : byName.getOrDefault(name, new ArrayDeque<>())) {
      if (isShared || file.readers == 0) {
        file.readers++;
        idle.remove(file);
        return file;
      }
    }
    return null;
  }

  private synchronized OpenFile add(String name, FSDataInputStream input) {
    OpenFile file = new OpenFile(name, input);
    byName.computeIfAbsent(name, none -> new ArrayDeque<>()).add(file);
    return file;
  }

  private void giveBack(OpenFile file, boolean hasFailed) {
    OpenFile unused = null;
    synchronized (this) {
      file.readers--;
      if (hasFailed && !file.failed) {
        file.failed = true;
        forget(file);
      }
      if (file.readers == 0) {
        if (file.failed) {
          unused = file;
        } else {
          idle.add(file);
          if (idle.size() > most) {
            unused = idle.iterator().next();
            idle.remove(unused);
            forget(unused);
          }
        }
      }
    }
    if (unused != null) {
      unused.close();
    }
  }

  private void forget(OpenFile file) {
    ArrayDeque<OpenFile> ofName = byName.get(file.name);
    ofName.remove(file);
    if (ofName.isEmpty()) {
      byName.remove(file.name);
    }
  }

  /** Closes the files that nobody reads. */
  void closeIdle() {
    List<OpenFile> unused;
    synchronized (this) {
      unused = List.copyOf(idle);
      idle.clear();
      unused.forEach(this::forget);
    }
    unused.forEach(OpenFile::close);
  }

  /** Files that are open now. */
  synchronized int count() {
    return byName.values().stream().mapToInt(ArrayDeque::size).sum();
  }
}
