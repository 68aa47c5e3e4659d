package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.files.HiddenNames;
import org.simclrspark.data.files.Listing;
import org.simclrspark.data.index.LeftOut;

/** Tells the format of the data at a path from the files there. */
public final class FormatDetector {
  /** Files to look at in a directory. */
  private static final int ENOUGH = 20_000;

  /** Files without an extension to look into. */
  private static final int LOOKED_INTO = 20;

  private static final Set<String> LISTS = Set.of("txt", "tsv", "csv", "lst", "list");

  private final String path;
  private final Configuration hadoop;
  private final Map<String, Found> formats = new TreeMap<>();
  private final LeftOut others = new LeftOut();
  private int seen;
  private int lookedInto;
  private boolean isPickled;

  private FormatDetector(String path, Configuration hadoop) {
    this.path = path;
    this.hadoop = hadoop;
  }

  /** Files of a format. */
  private record Found(long count, String first) {
    Found and(Found other) {
      return new Found(count + other.count, first);
    }
  }

  /**
   * The name of the format.
   *
   * @throws DataException if nothing is there, nothing that is known, or several formats
   */
  public static String detect(String path, Configuration hadoop) {
    List<FoundFile> matches = SourceFiles.match(path, hadoop);
    return new FormatDetector(path, hadoop).detect(matches);
  }

  private String detect(List<FoundFile> matches) {
    boolean isList = matches.size() == 1 && isList(matches.get(0));
    if (isList) {
      return "manifest";
    }
    try {
      DataFiles files = DataFiles.of(path, hadoop);
      for (FoundFile match : matches) {
        if (match.isDirectory()) {
          walk(files, match.path());
        } else {
          add(match);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw SourceFiles.unlistable(path, e);
    }
    if (formats.size() == 1) {
      String format = formats.keySet().iterator().next();
      boolean isFolder = matches.size() == 1 && matches.get(0).isDirectory();
      if (format.equals("folder") && !isFolder) {
        throw new DataException(
            "Images must lie in one folder, but " + path + " stands for files; name their folder");
      }
      return format;
    }
    throw formats.isEmpty() ? unknown() : mixed();
  }

  private static boolean isList(FoundFile file) {
    return file.isFile() && LISTS.contains(ImageFiles.extension(file.name()));
  }

  private void walk(DataFiles files, String directory) throws IOException {
    String root = SourceFiles.rootName(directory);
    try (Listing walk = files.walk(directory, directory, (remark, link) -> {})) {
      for (FoundFile file = walk.next(); file != null && seen < ENOUGH; file = walk.next()) {
        String relative = file.path().substring(root.length() + 1);
        if (!HiddenNames.isInHiddenDirectory(relative) && !HiddenNames.isHiddenFile(file.name())) {
          add(file);
        }
      }
    }
  }

  private void add(FoundFile file) {
    seen++;
    String format = format(file);
    if (format == null) {
      others.add(ImageFiles.kind(file.name()), file.path());
    } else {
      formats.merge(format, new Found(1, file.path()), Found::and);
    }
  }

  private String format(FoundFile file) {
    String name = file.name();
    if (ImageFiles.isImage(name)) {
      return "folder";
    }
    if (TarScanner.isTar(name)) {
      return "tar";
    }
    return switch (ImageFiles.extension(name)) {
      case "bin" -> cifar(file.length());
      case "parquet", "parq", "pq" -> "parquet";
      case "seq" -> "sequence";
      default -> SequenceScanner.isSequence(name) ? byContent(file) : null;
    };
  }

  private static String cifar(long length) {
    for (CifarFormat format : CifarFormat.values()) {
      if (length > 0 && length % format.recordBytes() == 0) {
        return format == CifarFormat.CIFAR_10 ? "cifar10" : "cifar100";
      }
    }
    return null;
  }

  private String byContent(FoundFile file) {
    isPickled |= file.name().equals("data_batch_1");
    if (!file.isFile() || lookedInto == LOOKED_INTO) {
      return null;
    }
    lookedInto++;
    byte[] start = ImageFiles.start(file.path(), ImageFiles.SIGNATURE, hadoop);
    if (start.length > 2 && start[0] == 'S' && start[1] == 'E' && start[2] == 'Q') {
      return "sequence";
    }
    if (start.length > 3 && new String(start, 0, 4, US_ASCII).equals("PAR1")) {
      return "parquet";
    }
    return ImageFiles.isImage(start) ? "folder" : null;
  }

  private DataException unknown() {
    if (seen == 0) {
      refuseUnfinished();
      return new DataException(
          "A data directory must hold files, but none is in " + path + "; check the path");
    }
    if (isPickled) {
      return new DataException(
          "CIFAR must be in its binary version, but "
              + path
              + " holds the one for Python; fetch cifar-10-binary.tar.gz");
    }
    return new DataException(
        "The format must be known from the files, but those in "
            + path
            + " say none ("
            + others.describe().replaceFirst("left out ", "")
            + "); set data.format, or check the path");
  }

  /** A preparation that has not ended leaves nothing but hidden files. */
  private void refuseUnfinished() {
    try {
      Path directory = new Path(path);
      PreparedDataset.in(directory, directory.getFileSystem(hadoop));
    } catch (IOException | IllegalArgumentException e) {
      throw SourceFiles.unlistable(path, e);
    }
  }

  private DataException mixed() {
    String found =
        formats.entrySet().stream()
            .sorted(Comparator.comparing(format -> -format.getValue().count))
            .map(format -> describe(format.getKey(), format.getValue()))
            .collect(Collectors.joining(" and "));
    return new DataException(
        "Data must be in one format, but "
            + path
            + " holds "
            + found
            + "; set data.format to the one that is meant, or name a folder with one alone");
  }

  private static String describe(String format, Found found) {
    String what = format.equals("folder") ? "image" : format + " file";
    return found.count
        + " "
        + what
        + (found.count == 1 ? "" : "s")
        + " (first "
        + found.first
        + ")";
  }
}
