package org.simclrspark.data.source;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.DatasetSpec.Split;

/** Folders that are parts of a dataset, such as {@code train} and {@code val}, and no classes. */
final class SplitFolders {
  private static final Set<String> TRAIN = Set.of("train", "training");
  private static final Set<String> VALIDATION = Set.of("val", "valid", "validation", "dev");
  private static final Set<String> TEST = Set.of("test", "testing", "eval", "evaluation");

  private SplitFolders() {}

  /** Whether all of some names are those of splits; not of none. */
  static boolean areSplits(Collection<String> names) {
    return !names.isEmpty() && names.stream().allMatch(SplitFolders::isSplit);
  }

  private static boolean isSplit(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return TRAIN.contains(lower) || VALIDATION.contains(lower) || TEST.contains(lower);
  }

  /** Whether folders of training and of test images are among some names. */
  static boolean holdsBoth(Collection<String> names) {
    return !named(names, TRAIN).isEmpty()
        && !(named(names, VALIDATION).isEmpty() && named(names, TEST).isEmpty());
  }

  /**
   * The folders that a split may be read from, the best first: test images rather than validation
   * images.
   *
   * @param folders names of splits
   * @throws DataException if there is none, or two of one kind
   */
  static List<String> of(Split split, Collection<String> folders, String path) {
    List<String> found = new ArrayList<>();
    for (Set<String> names : split == Split.TRAIN ? List.of(TRAIN) : List.of(TEST, VALIDATION)) {
      List<String> named = named(folders, names);
      if (named.size() > 1) {
        throw new DataException(
            "One folder must hold the "
                + describe(split)
                + " images, but "
                + path
                + " has "
                + String.join(" and ", named)
                + "; name one of them, such as "
                + path
                + "/"
                + named.get(0));
      }
      found.addAll(named);
    }
    if (found.isEmpty()) {
      throw new DataException(
          "A folder of "
              + describe(split)
              + " images must be in "
              + path
              + ", found "
              + String.join(", ", folders)
              + "; name the folder that is meant");
    }
    return found;
  }

  /**
   * Refuses classes that are splits.
   *
   * @throws DataException if all of them are
   */
  static void refuseAsClasses(Collection<String> classes, String path) {
    if (areSplits(classes) && holdsBoth(classes)) {
      throw new DataException(
          "Folders within archives must be classes, but those in "
              + path
              + " are the splits "
              + String.join(", ", classes)
              + "; pack each split into archives of its own and name those that are meant");
    }
  }

  private static String describe(Split split) {
    return split == Split.TRAIN ? "training" : "test";
  }

  private static List<String> named(Collection<String> folders, Set<String> names) {
    return folders.stream()
        .filter(folder -> names.contains(folder.toLowerCase(Locale.ROOT)))
        .sorted()
        .toList();
  }
}
