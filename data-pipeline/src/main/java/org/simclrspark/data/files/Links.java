package org.simclrspark.data.files;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Decides which links to directories are followed: each target once, and none that leads back into
 * the dataset or to a directory above. The answer depends on the links alone, not on which task
 * asks.
 */
public final class Links {
  private final String root;
  private final Set<String> followed = new HashSet<>();

  /**
   * The links of a dataset.
   *
   * @throws IOException if its root cannot be read
   */
  public Links(String root) throws IOException {
    this.root = LocalFiles.real(root);
  }

  /** Why a directory is not to be entered; null if it is. */
  public String refusal(FoundFile directory) {
    return refusal(directory, new ArrayDeque<>());
  }

  /**
   * Why a directory is not to be entered; null if it is.
   *
   * @param above the directories that lead to it, without links
   */
  String refusal(FoundFile directory, Deque<String> above) {
    String target = directory.target();
    if (target == null) {
      return null;
    }
    if (isAbove(target, root) || isAboveAny(target, above)) {
      return "links to a folder above";
    }
    if (isAbove(root, target)
        && !HiddenNames.isInHiddenDirectory(target.substring(root.length()) + "/")) {
      return "links back into the dataset";
    }
    return followed.add(target) ? null : "links to one folder again";
  }

  private static boolean isAboveAny(String target, Collection<String> above) {
    return above.stream().anyMatch(directory -> isAbove(target, directory));
  }

  private static boolean isAbove(String upper, String lower) {
    return lower.equals(upper) || lower.startsWith(upper.equals("/") ? "/" : upper + "/");
  }
}
