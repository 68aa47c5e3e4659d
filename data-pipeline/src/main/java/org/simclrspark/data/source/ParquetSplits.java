package org.simclrspark.data.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.index.LeftOut;

/**
 * Tells the files of a split by their names, as Hugging Face does: {@code train-00000-of-00002},
 * {@code test/part-0}. Names count only where they tell files apart: a path whose files are all of
 * one split, or of none, is taken whole.
 */
final class ParquetSplits {
  private static final Map<String, Part> WORDS =
      Map.ofEntries(
          Map.entry("train", Part.TRAIN),
          Map.entry("training", Part.TRAIN),
          Map.entry("test", Part.TEST),
          Map.entry("testing", Part.TEST),
          Map.entry("eval", Part.TEST),
          Map.entry("evaluation", Part.TEST),
          Map.entry("validation", Part.VALIDATION),
          Map.entry("valid", Part.VALIDATION),
          Map.entry("val", Part.VALIDATION),
          Map.entry("dev", Part.VALIDATION));

  private ParquetSplits() {}

  /** What names tell. */
  private enum Part {
    TRAIN,
    TEST,
    VALIDATION,
    OTHER
  }

  /**
   * The files of a split: for tests those of the test split, without one those for validation.
   *
   * @param root the path within which names count
   * @param leftOut is told of the others
   */
  static List<FoundFile> of(Split split, String root, List<FoundFile> files, LeftOut leftOut) {
    List<Part> parts = files.stream().map(file -> part(root, file.path())).toList();
    if (parts.stream().distinct().count() < 2) {
      return files;
    }
    List<Part> wanted =
        split == Split.TRAIN
            ? List.of(Part.TRAIN, Part.OTHER)
            : List.of(Part.TEST, Part.VALIDATION, Part.OTHER);
    Part chosen = wanted.stream().filter(parts::contains).findFirst().orElseThrow();
    List<FoundFile> found = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (parts.get(i) == chosen) {
        found.add(files.get(i));
      } else {
        leftOut.add("of another split", files.get(i).path().substring(root.length() + 1));
      }
    }
    return found;
  }

  /** What a file's name says; if it says nothing, what the directories above it do. */
  private static Part part(String root, String path) {
    String[] names = path.substring(root.length() + 1).split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      if (names[i].indexOf('=') < 0) {
        for (String word : names[i].toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
          Part part = WORDS.get(word);
          if (part != null) {
            return part;
          }
        }
      }
    }
    return Part.OTHER;
  }
}
