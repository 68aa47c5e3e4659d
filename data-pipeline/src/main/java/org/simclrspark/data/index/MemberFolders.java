package org.simclrspark.data.index;

import java.io.Serializable;
import java.util.TreeMap;

/**
 * Finds the classes of images in archives by the folders of their names: the class is the first
 * folder that is left once the leading folders that all images share are taken away, as long as
 * each image keeps one. So {@code data/cat/1.png} beside {@code data/dog/2.png} is of class cat,
 * however the archive was packed, and whichever task reads it.
 */
final class MemberFolders implements Serializable {
  /** Classes do not come from folders. */
  static final int NONE = -1;

  /** Images by the folders of their names; empty for those in none. */
  private final TreeMap<String, Long> images = new TreeMap<>();

  void add(String member) {
    images.merge(folders(member), 1L, Long::sum);
  }

  void add(MemberFolders other) {
    other.images.forEach((folders, count) -> images.merge(folders, count, Long::sum));
  }

  private static String folders(String member) {
    return member.substring(0, Math.max(0, member.lastIndexOf('/')));
  }

  /** Number of leading folders that are no classes. */
  int shared() {
    int fewest = Integer.MAX_VALUE;
    String[] common = null;
    int shared = 0;
    for (String folders : images.keySet()) {
      String[] parts = folders.isEmpty() ? new String[0] : folders.split("/", -1);
      fewest = Math.min(fewest, parts.length);
      if (common == null) {
        common = parts;
        shared = parts.length;
      }
      int same = 0;
      while (same < Math.min(shared, parts.length) && parts[same].equals(common[same])) {
        same++;
      }
      shared = same;
    }
    return Math.max(0, Math.min(shared, fewest - 1));
  }

  /** Adds the images to those of their classes; returns the number of those in no folder. */
  long count(int shared, TreeMap<String, Long> classes) {
    long unlabelled = 0;
    for (var folder : images.entrySet()) {
      String name = classOf(folder.getKey() + "/", shared);
      if (name == null) {
        unlabelled += folder.getValue();
      } else {
        classes.merge(name, folder.getValue(), Long::sum);
      }
    }
    return unlabelled;
  }

  /**
   * The class of an image; null if it lies in no folder.
   *
   * @param shared number of leading folders that are no classes
   */
  static String classOf(String member, int shared) {
    int from = 0;
    for (int i = 0; i < shared; i++) {
      from = member.indexOf('/', from) + 1;
    }
    int end = member.indexOf('/', from);
    return end <= from ? null : member.substring(from, end);
  }

  /** An entry with its class, if it has one. */
  static IndexEntry labelled(IndexEntry entry, int shared) {
    if (shared == NONE || entry.label() != null || entry.member() == null) {
      return entry;
    }
    return new IndexEntry(
        entry.file(),
        entry.member(),
        entry.offset(),
        entry.length(),
        entry.encoding(),
        classOf(entry.member(), shared));
  }
}
