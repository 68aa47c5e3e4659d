package org.simclrspark.data.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;

/**
 * The files of one file system, for reading. Names are UTF-8 whatever the locale, and no checksum
 * beside a file counts.
 */
public interface DataFiles {
  /** A scheme needs a slash behind it: {@code cats:2020} is a name. */
  Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):/");

  /**
   * The file system of a path: the local one by the JDK, others by Hadoop.
   *
   * @param path with a scheme, or without one on Hadoop's default file system
   * @throws IOException if there is no such file system or it cannot be reached
   */
  static DataFiles of(String path, Configuration hadoop) throws IOException {
    return isLocal(path, hadoop) ? new LocalFiles() : new OtherFiles(path, hadoop);
  }

  /** Whether a path is on the local disk. */
  static boolean isLocal(String path, Configuration hadoop) {
    Matcher scheme = SCHEME.matcher(path);
    String name =
        scheme.lookingAt() ? scheme.group(1) : FileSystem.getDefaultUri(hadoop).getScheme();
    return "file".equalsIgnoreCase(name);
  }

  /** The whole path, with its scheme, without a slash at its end. */
  String qualify(String path);

  /**
   * What is at a path; null if nothing is.
   *
   * @throws IOException if the file system refuses
   */
  FoundFile find(String path) throws IOException;

  /**
   * What is in a directory.
   *
   * @throws IOException if it cannot be listed
   */
  Listing list(String directory) throws IOException;

  /**
   * The files in a directory and below it, each once; no directories.
   *
   * @param root of the dataset: a link that leads back into it is not followed
   * @param passedOver is told of links that are not followed
   */
  Listing walk(String root, String directory, PassedOver passedOver) throws IOException;

  /**
   * Opens a file.
   *
   * @throws FileNotFoundException if there is none
   */
  FSDataInputStream open(String path) throws IOException;

  /**
   * All that is in a directory, in the order of names.
   *
   * @throws IOException if it cannot be listed
   */
  default List<FoundFile> children(String directory) throws IOException {
    List<FoundFile> children = new ArrayList<>();
    try (Listing listing = list(directory)) {
      for (FoundFile child = listing.next(); child != null; child = listing.next()) {
        children.add(child);
      }
    }
    children.sort(Comparator.comparing(FoundFile::path));
    return children;
  }

  /** Hears of what is not read. */
  @FunctionalInterface
  interface PassedOver {
    /**
     * One thing is passed over.
     *
     * @param kind what it is, in words
     * @param path its whole path
     */
    void add(String kind, String path);
  }
}
