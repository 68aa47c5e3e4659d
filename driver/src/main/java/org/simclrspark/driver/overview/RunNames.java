package org.simclrspark.driver.overview;

import java.util.List;
import org.apache.hadoop.fs.Path;

/** Short names of run directories: as much of the end of a path as tells it from the others. */
final class RunNames {

  private RunNames() {}

  /**
   * The name of a run among some.
   *
   * @param all of them, this one included
   */
  static String of(Path run, List<Path> all) {
    List<String> others =
        all.stream().map(RunNames::text).filter(path -> !path.equals(text(run))).toList();
    String[] parts = text(run).split("/", -1);
    String name = parts[parts.length - 1];
    for (int i = parts.length - 2; i >= 0 && isEndOfAny(name, others); i--) {
      name = parts[i] + "/" + name;
    }
    return name;
  }

  private static boolean isEndOfAny(String name, List<String> others) {
    return others.stream().anyMatch(other -> other.equals(name) || other.endsWith("/" + name));
  }

  private static String text(Path path) {
    return path.toUri().getPath();
  }
}
