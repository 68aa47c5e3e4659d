package org.simclrspark.data.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
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
