package org.simclrspark.data.files;

import java.util.Locale;
import java.util.Set;

/** Names that stand for nothing a user means. */
public final class HiddenNames {
  private static final Set<String> SYSTEM_FILES = Set.of("thumbs.db", "desktop.ini", "icon\r");
  private static final Set<String> MADE_BY_SPARK =
      Set.of("_success", "_metadata", "_common_metadata");
  private static final Set<String> VERSION_CONTROL = Set.of(".git", ".svn", ".hg");

  /** Where Synology's disks keep small copies of photos. */
  private static final String SMALL_COPIES = "@eaDir";

  private HiddenNames() {}

  /** Whether what is in a directory of this name does not count. */
  public static boolean isHiddenDirectory(String name) {
    return name.startsWith(".") || name.startsWith("_") || name.equals(SMALL_COPIES);
  }

  /** Whether a directory of this name is not even looked into. */
  public static boolean isClosed(String name) {
    return VERSION_CONTROL.contains(name);
  }

  /** Whether a path, relative to the root of a dataset, lies in a hidden directory. */
  public static boolean isInHiddenDirectory(String relative) {
    int from = 0;
    for (int slash = relative.indexOf('/'); slash >= 0; slash = relative.indexOf('/', from)) {
      if (isHiddenDirectory(relative.substring(from, slash))) {
        return true;
      }
      from = slash + 1;
    }
    return false;
  }

  /** Whether a file of this name was written by a system for itself, and needs no word. */
  public static boolean isSystemFile(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return name.startsWith("._")
        || SYSTEM_FILES.contains(lower)
        || MADE_BY_SPARK.contains(lower)
        || lower.startsWith("_committed_")
        || lower.startsWith("_started_");
  }

  /** Whether a file of this name is hidden. Cameras begin names with an underscore, so it may. */
  public static boolean isHiddenFile(String name) {
    return name.startsWith(".") || isSystemFile(name);
  }
}
