package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;

/**
 * The classes that labelled and test images share, by name: their numbers are made here, where the
 * two meet, and nowhere else.
 */
public final class Classes implements EvaluationViews.Labels {

  private static final long serialVersionUID = 1;
  private static final int NAMED = 10;
  private static final String TRAIN = "data.train";
  private static final String LABELLED = "data.labelled";
  private static final String REMEDY = ", or set data.test=null to go without evaluation";

  private final Map<String, Integer> numbers = new HashMap<>();

  /**
   * What is known of a dataset's labels.
   *
   * @param key of the configuration that names it: data.train, data.labelled or data.test
   * @param path of the dataset
   * @param unlabelled images without a class
   * @param images by class
   */
  public record Labelled(String key, String path, long unlabelled, SortedMap<String, Long> images)
      implements Serializable {

    private String described() {
      return key + " (" + path + ")";
    }

    private String remedy() {
      return switch (key) {
        case TRAIN -> ", name labelled images with data.labelled" + REMEDY;
        case LABELLED -> ", learn from data.train with data.labelled=null" + REMEDY;
        default -> REMEDY;
      };
    }

    private long count() {
      return unlabelled + images.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private Classes(Iterable<String> names) {
    for (String name : names) {
      numbers.put(name, numbers.size());
    }
  }

  /**
   * Numbers the classes of the images to learn from in the order of their names; the test set may
   * lack some.
   *
   * @throws DataException if images have no class, a dataset has only one, or the test set has some
   *     that the images to learn from lack
   */
  public static Classes match(Labelled known, Labelled test) {
    requireLabels(known);
    requireLabels(test);
    List<String> alone = new ArrayList<>(test.images.keySet());
    alone.removeAll(known.images.keySet());
    if (!alone.isEmpty()) {
      throw new DataException(
          "Every class of the test images must be one of those in "
              + known.described()
              + ", found "
              + alone.size()
              + " in "
              + test.described()
              + " alone: "
              + names(alone)
              + "; "
              + known.key
              + " has "
              + names(new ArrayList<>(known.images.keySet()))
              + ". Name the classes alike, remove those images"
              + known.remedy());
    }
    return new Classes(known.images.keySet());
  }

  private static void requireLabels(Labelled dataset) {
    if (dataset.unlabelled > 0) {
      throw new DataException(
          "Evaluation must have a label for each image, found "
              + dataset.unlabelled
              + " of "
              + dataset.count()
              + " in "
              + dataset.described()
              + " without one; use a labelled dataset"
              + dataset.remedy());
    }
    if (dataset.images.size() < 2) {
      throw new DataException(
          "Evaluation must have images of at least 2 classes, found "
              + (dataset.images.isEmpty()
                  ? "none"
                  : "only " + dataset.images.firstKey() + ", with all " + dataset.count())
              + " in "
              + dataset.described()
              + "; give a dataset whose labels differ"
              + dataset.remedy());
    }
  }

  private static String names(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? first + " and " + (names.size() - NAMED) + " more" : first;
  }

  /** Number of classes; all numbers are below it. */
  public int count() {
    return numbers.size();
  }

  @Override
  public int number(ImageRecord image) {
    return numbers.get(image.label());
  }
}
