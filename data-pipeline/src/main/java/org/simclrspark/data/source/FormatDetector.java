package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;

/** Tells the format of the data at a path from the name, or the first bytes, of a file there. */
public final class FormatDetector {
  /** Files to look at before giving up. */
  private static final int ENOUGH = 1000;

  private FormatDetector() {}

  /**
   * The name of the format.
   *
   * @throws DataException if nothing is there or nothing that is known
   */
  public static String detect(String path, Configuration configuration) {
    try {
      Path asked = new Path(path);
      FileSystem fileSystem = asked.getFileSystem(configuration);
      FileStatus[] matches = fileSystem.globStatus(asked);
      if (matches == null || matches.length == 0) {
        return fallBackToListing(path, configuration);
      }
      FileStatus first = matches[0];
      if (first.isFile()) {
        String format = ofFile(first.getPath(), fileSystem);
        return format == null || format.equals("folder") ? unknown(first.getPath()) : format;
      }
      return ofDirectory(first.getPath(), fileSystem);
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "Data cannot be listed at "
              + path
              + ": "
              + HadoopFiles.reason(e)
              + "; check path and permissions",
          e);
    }
  }

  /** Says that nothing is there. */
  private static String fallBackToListing(String path, Configuration configuration) {
    HadoopFiles.list(path, configuration);
    throw new DataException("Data must exist, but nothing is at " + path + "; check the path");
  }

  private static String ofDirectory(Path directory, FileSystem fileSystem) throws IOException {
    List<Path> files = new ArrayList<>();
    HadoopFiles.walk(
        fileSystem,
        directory,
        status -> {
          Path file = status.getPath();
          if (!HadoopFiles.isVisible(file)) {
            return true;
          }
          files.add(file);
          return files.size() < ENOUGH && !ImageFiles.isImage(file.getName());
        });
    for (int last = files.size() - 1; last >= 0; last--) {
      String format = ofFile(files.get(last), fileSystem);
      if (format != null && !format.equals("manifest")) {
        return format;
      }
    }
    if (files.isEmpty()) {
      throw new DataException(
          "A data directory must hold files, but none is in " + directory + "; check the path");
    }
    return unknown(files.get(0));
  }

  private static String ofFile(Path file, FileSystem fileSystem) throws IOException {
    String name = file.getName();
    if (ImageFiles.isImage(name)) {
      return "folder";
    }
    return switch (ImageFiles.extension(name)) {
      case "bin" -> isCifar100(name) ? "cifar100" : "cifar10";
      case "parquet" -> "parquet";
      case "tar" -> "tar";
      case "seq" -> "sequence";
      case "txt", "tsv" -> "manifest";
      default -> isSequence(file, fileSystem) ? "sequence" : null;
    };
  }

  private static boolean isCifar100(String name) {
    return name.equals("train.bin") || name.equals("test.bin");
  }

  /** Whether the file starts with SEQ, as SequenceFiles do. */
  private static boolean isSequence(Path file, FileSystem fileSystem) throws IOException {
    try (FSDataInputStream input = fileSystem.open(file)) {
      byte[] start = input.readNBytes(3);
      return start.length == 3 && start[0] == 'S' && start[1] == 'E' && start[2] == 'Q';
    }
  }

  private static String unknown(Path file) {
    throw new DataException(
        "The format must be known from the name of a file, but that of "
            + file
            + " says none; name it");
  }
}
