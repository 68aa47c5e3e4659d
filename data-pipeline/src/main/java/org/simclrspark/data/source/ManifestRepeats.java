package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.Mixing;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.index.LeftOut;

/** Counts the lines of a manifest that are there more than once. */
final class ManifestRepeats {
  /** Beyond it the driver does not look: 4 million lines or so, and 64 MiB. */
  private static final long LONGEST = 256L << 20;

  private ManifestRepeats() {}

  static void count(FoundFile manifest, Configuration hadoop, LeftOut leftOut) {
    if (manifest.length() > LONGEST) {
      return;
    }
    try {
      long[] sorted = hashes(manifest.path(), hadoop);
      Arrays.sort(sorted);
      Set<Long> repeated = new HashSet<>();
      for (int i = 1; i < sorted.length; i++) {
        if (sorted[i] == sorted[i - 1]) {
          repeated.add(sorted[i]);
        }
      }
      if (!repeated.isEmpty()) {
        name(manifest.path(), repeated, hadoop, leftOut);
      }
    } catch (IOException e) {
      throw SourceFiles.unlistable(manifest.path(), e);
    }
  }

  private static long[] hashes(String file, Configuration hadoop) throws IOException {
    LongStream.Builder hashes = LongStream.builder();
    try (ManifestLines lines = new ManifestLines(file, 0, hadoop)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (ManifestLines.isData(line)) {
          hashes.add(hash(line));
        }
      }
    }
    return hashes.build().toArray();
  }

  private static void name(String file, Set<Long> repeated, Configuration hadoop, LeftOut leftOut)
      throws IOException {
    try (ManifestLines lines = new ManifestLines(file, 0, hadoop)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (ManifestLines.isData(line) && repeated.remove(hash(line))) {
          leftOut.addRemark("is listed more than once", line.strip());
        }
      }
    }
  }

  private static long hash(String line) {
    long hash = line.length();
    for (int i = 0; i < line.length(); i++) {
      hash = Mixing.combine(hash, line.charAt(i));
    }
    return hash;
  }
}
