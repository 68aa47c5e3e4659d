package org.simclrspark.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.files.HiddenNames;
import org.simclrspark.data.files.Listing;
import org.simclrspark.data.files.PathPattern;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/** Finds the files that a path, which may be a file, a directory or a glob, stands for. */
final class SourceFiles {
  private static final String LOCALE = System.getProperty("sun.jnu.encoding", "UTF-8");

  private SourceFiles() {}

  /**
   * What a path stands for, in the order of names.
   *
   * @throws DataException if nothing is there or the file system refuses
   */
  static List<FoundFile> match(String path, Configuration hadoop) {
    List<FoundFile> matches;
    try {
      matches = PathPattern.match(path, hadoop);
    } catch (IOException | IllegalArgumentException e) {
      throw unlistable(path, e);
    }
    if (matches.isEmpty()) {
      throw new DataException(
          "Data must exist, but nothing is at " + path + "; check the path" + lostLetters(path));
    }
    return matches;
  }

  /** What to do where the JVM could not take a name from its command line. */
  private static String lostLetters(String path) {
    boolean lost = path.indexOf('?') >= 0 || path.indexOf('\uFFFD') >= 0;
    return lost && !LOCALE.equalsIgnoreCase("UTF-8")
        ? " (the locale, "
            + LOCALE
            + ", loses letters that are not ASCII: set LC_ALL=C.UTF-8, or name the path in a"
            + " configuration file)"
        : "";
  }

  static DataException unlistable(String path, Exception e) {
    return new DataException(
        "Data cannot be listed at " + path + ": " + reason(e) + "; check path and permissions", e);
  }

  /**
   * The files of a format in the order of their paths. A directory stands for the files in it and
   * below it, hidden ones left out. A file that is named by itself counts whatever its name.
   *
   * @param isWanted by the name of a file
   * @param pattern of the names, for messages
   * @param leftOut is told of the others
   * @throws DataException if there is none or the file system refuses
   */
  static List<FoundFile> list(
      String path,
      Predicate<String> isWanted,
      String pattern,
      Configuration hadoop,
      LeftOut leftOut) {
    List<FoundFile> matches = match(path, hadoop);
    if (matches.size() == 1 && matches.get(0).isFile()) {
      return matches;
    }
    List<FoundFile> wanted = new ArrayList<>();
    boolean any = false;
    for (FoundFile file : below(path, matches, hadoop, leftOut)) {
      any = true;
      if (isWanted.test(file.name())) {
        wanted.add(requireFile(file));
      } else {
        leftOut.add(ImageFiles.kind(file.name()), shortName(path, file));
      }
    }
    if (!any) {
      throw new DataException(
          "A data directory must hold files, but none is in " + path + "; check the path");
    }
    if (wanted.isEmpty()) {
      throw new DataException(
          "The files must be named "
              + pattern
              + ", but none is in "
              + path
              + " ("
              + leftOut.describe()
              + "); check the path or name another format");
    }
    return wanted;
  }

  /**
   * All that is no directory, in the order of paths; hidden files and what is in hidden directories
   * left out.
   */
  static List<FoundFile> below(
      String path, List<FoundFile> matches, Configuration hadoop, LeftOut leftOut) {
    List<FoundFile> files = new ArrayList<>();
    try {
      DataFiles on = DataFiles.of(path, hadoop);
      for (FoundFile match : matches) {
        if (!match.isDirectory()) {
          files.add(match);
          continue;
        }
        String root = rootName(match.path());
        try (Listing walk = on.walk(match.path(), match.path(), leftOut::addRemark)) {
          for (FoundFile file = walk.next(); file != null; file = walk.next()) {
            String relative = file.path().substring(root.length() + 1);
            if (!HiddenNames.isInHiddenDirectory(relative)
                && !HiddenNames.isHiddenFile(file.name())) {
              files.add(file);
            }
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unlistable(path, e);
    }
    files.sort(Comparator.comparing(FoundFile::path));
    return files;
  }

  private static String shortName(String path, FoundFile file) {
    int at = file.path().indexOf(rootName(path) + "/");
    return at < 0 ? file.name() : file.path().substring(at + rootName(path).length() + 1);
  }

  /**
   * A file that can be read.
   *
   * @throws DataException if it is a link to nowhere, or a pipe
   */
  static FoundFile requireFile(FoundFile file) {
    if (file.isFile()) {
      return file;
    }
    throw new DataException(
        "Every file must be readable, but "
            + file.path()
            + (file.kind() == FoundFile.Kind.BROKEN_LINK
                ? " links to nothing; remove the link, or bring back what it links to"
                : " is a pipe or a device; remove it"));
  }

  /**
   * A unit for each file. Names are relative to the deepest directory that holds them all.
   *
   * @param files of {@link #list}
   */
  static ScanUnits units(List<FoundFile> files, LeftOut leftOut) {
    String root = parent(files.get(0).path());
    for (FoundFile file : files) {
      while (!file.path().startsWith(root + "/")) {
        root = parent(root);
      }
    }
    List<ScanUnit> units = new ArrayList<>();
    for (FoundFile file : files) {
      String name = file.path().substring(root.length() + 1);
      units.add(new ScanUnit(root, name, 0, file.length(), file.modified()));
    }
    return new ScanUnits(root, units, leftOut);
  }

  static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  /** A directory's path without the slash that the root of a file system ends with. */
  static String rootName(String directory) {
    return directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
  }

  /** The one place that a path or glob stands for. */
  static FoundFile one(String path, Configuration hadoop) {
    List<FoundFile> matches = match(path, hadoop);
    if (matches.size() > 1) {
      throw new DataException(
          "The path must stand for one place, but "
              + path
              + " stands for "
              + matches.size()
              + "; name one of them");
    }
    return matches.get(0);
  }

  /**
   * A file that must be there.
   *
   * @throws DataException if it is not, or cannot be read
   */
  static FoundFile status(String file, Configuration hadoop) {
    try {
      FoundFile found = DataFiles.of(file, hadoop).find(file);
      if (found == null) {
        throw new FileNotFoundException("nothing is there");
      }
      return requireFile(found);
    } catch (IOException | IllegalArgumentException e) {
      throw ImageFiles.unreadable(file, e);
    }
  }

  /** What an exception says, in one line. */
  static String reason(Exception e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
