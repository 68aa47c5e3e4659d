package org.simclrspark.driver.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.simclrspark.data.index.Dataset;

/**
 * Which images a run is about, wherever they lie.
 *
 * @param path where they lay when the run was started last
 * @param count number of images
 * @param fingerprint see {@link Dataset#fingerprint}
 * @param classes images by class
 */
public record DataIdentity(
    String path, long count, String fingerprint, SortedMap<String, Long> classes) {

  private static final int CLASSES_NAMED = 5;

  /** The identity of a dataset. */
  public static DataIdentity of(String path, Dataset dataset) {
    return new DataIdentity(path, dataset.count(), dataset.fingerprint(), dataset.classCounts());
  }

  /** Whether these are the same images. */
  boolean isSame(DataIdentity other) {
    return fingerprint.equals(other.fingerprint);
  }

  /** How many there are: {@code 2,500 images of 10 classes}. */
  String describe() {
    return String.format(Locale.ROOT, "%,d images of %,d classes", count, classes.size());
  }

  /** What has changed since: {@code cat has 249, not 250; zebra is new, with 3}. */
  String changesSince(DataIdentity before) {
    List<String> changes = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(classes.keySet());
    names.addAll(before.classes.keySet());
    for (String name : names) {
      Long now = classes.get(name);
      Long then = before.classes.get(name);
      if (now == null) {
        changes.add(String.format(Locale.ROOT, "%s is gone, it had %,d", name, then));
      } else if (then == null) {
        changes.add(String.format(Locale.ROOT, "%s is new, with %,d", name, now));
      } else if (!now.equals(then)) {
        changes.add(String.format(Locale.ROOT, "%s has %,d, not %,d", name, now, then));
      }
    }
    if (changes.isEmpty()) {
      return count == before.count
          ? "as many of each class, but names, lengths or contents differ"
          : "no class differs";
    }
    String named = String.join("; ", changes.subList(0, Math.min(CLASSES_NAMED, changes.size())));
    int more = changes.size() - CLASSES_NAMED;
    return more > 0 ? named + "; and " + more + " more classes differ" : named;
  }

  /** Complete, whatever map it was made with. */
  public DataIdentity {
    classes = new TreeMap<>(classes);
  }
}
