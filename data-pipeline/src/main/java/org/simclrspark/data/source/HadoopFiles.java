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
      throw new DataException(
          "Data cannot be listed at " + path + ": " + reason(e) + "; check path and permissions",
          e);
    }
  }

  /** What an exception says, in one line. */
  static String reason(Exception e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  private static boolean isVisible(Path path) {
    String name = path.getName();
    return !name.startsWith(".") && !name.startsWith("_");
  }
}
