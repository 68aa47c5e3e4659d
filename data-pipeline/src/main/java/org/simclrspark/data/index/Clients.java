package org.simclrspark.data.index;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;

/**
 * Clients of file systems that this process keeps for its reads of ranges; safe for many threads.
 * Those that others have opened may have too few connections.
 */
final class Clients {
  private final Map<String, FileSystem> open = new HashMap<>();

  /** Opens a client. */
  @FunctionalInterface
  interface Opening {
    FileSystem open() throws IOException;
  }

  /** The client of a key, opened when it is asked for first. */
  synchronized FileSystem get(String key, Opening opening) throws IOException {
    FileSystem known = open.get(key);
    if (known == null) {
      known = opening.open();
      open.put(key, known);
    }
    return known;
  }

  /** All that are open. */
  synchronized List<FileSystem> all() {
    return List.copyOf(open.values());
  }
}
