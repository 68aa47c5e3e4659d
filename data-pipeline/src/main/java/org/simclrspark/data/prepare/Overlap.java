package org.simclrspark.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.LocalNames;
import org.simclrspark.data.files.PathPattern;

/**
 * Tells whether one place is the other or lies in it, however both are spelled: relative or
 * absolute, with or without scheme and port, through links and mounts.
 */
final class Overlap {
  private static final Set<String> S3 = Set.of("s3", "s3a", "s3n");
  private static final Set<String> HDFS = Set.of("hdfs", "webhdfs", "swebhdfs");

  private Overlap() {}

  /**
   * Refuses a target that overlaps the source.
   *
   * @param from a path or a glob
   * @param files that are read, where they are few; for a link in the source may lead anywhere
   */
  static void refuse(String from, List<String> files, String to, Configuration hadoop)
      throws IOException {
    List<String> sources = new ArrayList<>(files);
    PathPattern.match(from, hadoop).forEach(match -> sources.add(match.path()));
    for (String one : sources) {
      if (overlaps(one, to, hadoop)) {
        throw new DataException(
            "A dataset is prepared into a directory apart from the source, but "
                + to
                + " and "
                + one
                + " are the same or one lies in the other; choose another directory");
      }
    }
  }

  static boolean overlaps(String one, String other, Configuration hadoop) throws IOException {
    Place first = Place.of(one, hadoop);
    Place second = Place.of(other, hadoop);
    if (!first.storage.equals(second.storage)) {
      return false;
    }
    return first.storage.equals("file")
        ? liesIn(first.local(), second.local()) || liesIn(second.local(), first.local())
        : (first.path + "/").startsWith(second.path + "/")
            || (second.path + "/").startsWith(first.path + "/");
  }

  /** Whether a file or directory, or what will be it, is within another: by what they are. */
  private static boolean liesIn(java.nio.file.Path inner, java.nio.file.Path outer)
      throws IOException {
    if (!Files.exists(outer)) {
      return inner.startsWith(outer);
    }
    for (java.nio.file.Path at = inner; at != null; at = at.getParent()) {
      if (Files.exists(at) && Files.isSameFile(at, outer)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A place without spellings.
   *
   * @param storage which file system
   * @param path in it, without a slash at the end
   */
  private record Place(String storage, String path) {

    static Place of(String named, Configuration hadoop) throws IOException {
      if (DataFiles.isLocal(named, hadoop)) {
        return new Place("file", DataFiles.of(named, hadoop).qualify(named));
      }
      Path path = new Path(named);
      FileSystem fileSystem = path.getFileSystem(hadoop);
      Path qualified = resolved(fileSystem, fileSystem.makeQualified(path));
      String scheme = qualified.toUri().getScheme().toLowerCase(Locale.ROOT);
      String authority = qualified.toUri().getAuthority();
      String plain = qualified.toUri().normalize().getPath().replaceAll("/+", "/");
      plain = plain.endsWith("/") ? plain.substring(0, plain.length() - 1) : plain;
      if (S3.contains(scheme)) {
        return new Place("s3 " + authority, plain);
      }
      if (HDFS.contains(scheme)) {
        return new Place("hdfs " + qualified.toUri().getHost(), plain);
      }
      String service = fileSystem.getCanonicalServiceName();
      return new Place(scheme + " " + service + authority, plain);
    }

    /** Without links of the file system, as far as the path exists. */
    private static Path resolved(FileSystem fileSystem, Path path) throws IOException {
      Path missing = null;
      Path at = path;
      while (at.getParent() != null && !fileSystem.exists(at)) {
        missing = missing == null ? new Path(at.getName()) : new Path(at.getName(), missing);
        at = at.getParent();
      }
      Path there = fileSystem.exists(at) ? fileSystem.resolvePath(at) : at;
      return missing == null ? there : new Path(there, missing);
    }

    /** With the links of what exists of it followed. */
    java.nio.file.Path local() throws IOException {
      java.nio.file.Path whole = LocalNames.path(path).normalize();
      java.nio.file.Path at = whole;
      while (at.getParent() != null && !Files.exists(at)) {
        at = at.getParent();
      }
      return at.toRealPath().resolve(at.relativize(whole));
    }
  }
}
