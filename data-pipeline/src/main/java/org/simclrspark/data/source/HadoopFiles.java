package org.simclrspark.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/** Finds the files that a path, which may be a file, a directory or a glob, stands for. */
final class HadoopFiles {
  private HadoopFiles() {}

  /**
   * The files in the order of their names; a directory stands for the files in it, hidden ones
   * (leading dot or underscore) and subdirectories left out.
   *
   * @throws DataException if there is none or the file system refuses
   */
  static List<FileStatus> list(String path, Configuration configuration) {
    try {
      FileSystem fileSystem = new Path(path).getFileSystem(configuration);
      FileStatus[] matches = match(path, configuration);
      List<FileStatus> files = new ArrayList<>();
      for (FileStatus match : matches) {
        if (match.isFile()) {
          files.add(match);
        } else {
          Arrays.stream(fileSystem.listStatus(match.getPath(), HadoopFiles::isVisible))
              .filter(FileStatus::isFile)
              .forEach(files::add);
        }
      }
      if (files.isEmpty()) {
        throw new DataException(
            "A data directory must hold files, but none is in " + path + "; check the path");
      }
      files.sort(Comparator.comparing(status -> status.getPath().toString()));
      return files;
    } catch (FileNotFoundException e) {
      throw new DataException("Data must exist, but nothing is at " + path + "; check the path", e);
    } catch (IOException | IllegalArgumentException e) {
      throw unlistable(path, e);
    }
  }

  private static FileStatus[] match(String path, Configuration configuration) throws IOException {
    Path asked = new Path(path);
    FileSystem fileSystem = asked.getFileSystem(configuration);
    FileStatus[] matches = fileSystem.globStatus(asked);
    if (matches == null || matches.length == 0) {
      throw new DataException(
          "Data must exist, but nothing is at "
              + path
              + " ("
              + fileSystem.makeQualified(asked)
              + "); check the path");
    }
    return matches;
  }

  private static DataException unlistable(String path, Exception e) {
    return new DataException(
        "Data cannot be listed at " + path + ": " + reason(e) + "; check path and permissions", e);
  }

  /** As {@link #list}; of several files only those with the extension count. */
  static List<FileStatus> list(String path, String extension, Configuration configuration) {
    List<FileStatus> files = list(path, configuration);
    if (files.size() == 1 || extension.isEmpty()) {
      return files;
    }
    List<FileStatus> named =
        files.stream()
            .filter(file -> ImageFiles.extension(file.getPath().getName()).equals(extension))
            .toList();
    if (named.isEmpty()) {
      throw new DataException(
          "The files must be named *."
              + extension
              + ", but none is in "
              + path
              + " (the first is "
              + files.get(0).getPath().getName()
              + "); check the path or name another format");
    }
    return named;
  }

  /**
   * A unit for each file. Names are relative to the deepest directory that holds them all.
   *
   * @param files of {@link #list}
   */
  static ScanUnits units(List<FileStatus> files, LeftOut leftOut) {
    Path root = files.get(0).getPath().getParent();
    for (FileStatus file : files) {
      while (!file.getPath().toString().startsWith(rootName(root) + "/")) {
        root = root.getParent();
      }
    }
    String name = rootName(root);
    List<ScanUnit> units = new ArrayList<>();
    for (FileStatus file : files) {
      units.add(
          new ScanUnit(
              name,
              file.getPath().toString().substring(name.length() + 1),
              0,
              file.getLen(),
              file.getModificationTime()));
    }
    return new ScanUnits(name, units, leftOut);
  }

  /** A directory's path without the slash that the root of a file system ends with. */
  static String rootName(Path directory) {
    String name = directory.toString();
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  /** The one directory that a path or glob stands for. */
  static FileStatus directory(String path, Configuration configuration) {
    FileStatus status = one(path, configuration);
    if (!status.isDirectory()) {
      throw new DataException(
          "An image folder must be a directory, but " + path + " is a file; check the path");
    }
    return status;
  }

  /** The one file that a path or glob stands for. */
  static FileStatus file(String path, Configuration configuration) {
    FileStatus status = one(path, configuration);
    if (!status.isFile()) {
      throw new DataException("A manifest must be a file, but " + path + " is a directory");
    }
    return status;
  }

  private static FileStatus one(String path, Configuration configuration) {
    try {
      FileStatus[] matches = match(path, configuration);
      if (matches.length > 1) {
        throw new DataException(
            "The path must stand for one place, but "
                + path
                + " stands for "
                + matches.length
                + "; name one of them");
      }
      return matches[0];
    } catch (IOException | IllegalArgumentException e) {
      throw unlistable(path, e);
    }
  }

  /** Names of the directories in a directory, hidden ones left out. */
  static List<String> directories(String path, Configuration configuration) throws IOException {
    Path directory = new Path(path);
    RemoteIterator<FileStatus> statuses =
        directory.getFileSystem(configuration).listStatusIterator(directory);
    List<String> directories = new ArrayList<>();
    while (statuses.hasNext()) {
      FileStatus status = statuses.next();
      if (status.isDirectory() && isVisible(status.getPath())) {
        directories.add(status.getPath().getName());
      }
    }
    return directories;
  }

  /**
   * Calls back for every file in a directory and below it. Object stores list all of it at once; a
   * local file system is walked, because its located listings start a process for every file.
   */
  static void walk(FileSystem fileSystem, Path directory, Predicate<FileStatus> goOn)
      throws IOException {
    if (fileSystem instanceof LocalFileSystem) {
      walkLocal(fileSystem, directory, goOn);
      return;
    }
    RemoteIterator<LocatedFileStatus> files = fileSystem.listFiles(directory, true);
    boolean more = true;
    while (more && files.hasNext()) {
      more = goOn.test(files.next());
    }
  }

  private static boolean walkLocal(
      FileSystem fileSystem, Path directory, Predicate<FileStatus> goOn) throws IOException {
    FileStatus[] statuses = fileSystem.listStatus(directory);
    Arrays.sort(statuses);
    for (FileStatus status : statuses) {
      boolean more =
          status.isDirectory() ? walkLocal(fileSystem, status.getPath(), goOn) : goOn.test(status);
      if (!more) {
        return false;
      }
    }
    return true;
  }

  /** What an exception says, in one line. */
  static String reason(Exception e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  static boolean isVisible(Path path) {
    String name = path.getName();
    return !name.startsWith(".") && !name.startsWith("_");
  }
}
