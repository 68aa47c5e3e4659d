package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.AccessDeniedException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/**
 * What is known about a dataset as a whole; a JSON file that is written last and makes the index
 * complete.
 *
 * @param version of the layout
 * @param format of the dataset
 * @param root of the dataset
 * @param stamp of its files when they were indexed
 * @param count number of images
 * @param bytes of all images
 * @param fingerprint see {@link Dataset#fingerprint}
 * @param classes images by class
 * @param unlabelled images without a class
 * @param sharedFolders see {@link MemberFolders}
 * @param leftOut what was passed over
 * @param sequentialOnly why the images cannot be read one by one, or null
 * @param unitCounts images of each unit where they cannot be read one by one; else empty
 * @param build directory of the parts, within the index
 * @param parts of the index, in the order of ids
 */
record IndexHeader(
    int version,
    String format,
    String root,
    Stamp stamp,
    long count,
    long bytes,
    String fingerprint,
    TreeMap<String, Long> classes,
    long unlabelled,
    int sharedFolders,
    LeftOut leftOut,
    String sequentialOnly,
    List<Long> unitCounts,
    String build,
    List<IndexPart> parts)
    implements Serializable {
  static final int VERSION = 1;
  private static final String FILE = "index.json";
  private static final String BUILD = "build-";
  private static final Pattern STARTED = Pattern.compile(BUILD + "([0-9]{1,18})-.*");
  private static final long MILLISECONDS_OF_A_BUILD = TimeUnit.DAYS.toMillis(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The header in a directory; empty if there is none, or one that this version cannot read. */
  static Optional<IndexHeader> read(Path directory, Configuration hadoop) throws IOException {
    Path file = new Path(directory, FILE);
    try (FSDataInputStream input = file.getFileSystem(hadoop).open(file)) {
      IndexHeader header = JSON.readValue(input.readAllBytes(), IndexHeader.class);
      return header.version == VERSION ? Optional.of(header) : Optional.empty();
    } catch (FileNotFoundException
        | AccessDeniedException
        | AccessControlException
        | ChecksumException
        | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** The same for a dataset that lies elsewhere. */
  IndexHeader withRoot(String now) {
    return new IndexHeader(
        version,
        format,
        now,
        stamp,
        count,
        bytes,
        fingerprint,
        classes,
        unlabelled,
        sharedFolders,
        leftOut,
        sequentialOnly,
        unitCounts,
        build,
        parts);
  }

  IndexHeader withFingerprint(String computed) {
    return new IndexHeader(
        version,
        format,
        root,
        stamp,
        count,
        bytes,
        computed,
        classes,
        unlabelled,
        sharedFolders,
        leftOut,
        sequentialOnly,
        unitCounts,
        build,
        parts);
  }

  /** Tells the bytes of this dataset from those of all others, and from its own before a change. */
  String cacheKey() {
    String text = fingerprint + stamp;
    return HexFormat.of().formatHex(OrderedHash.sha256().digest(text.getBytes(UTF_8)), 0, 16);
  }

  /** Name of a build that begins now. */
  static String newBuild() {
    return BUILD + System.currentTimeMillis() + "-" + UUID.randomUUID();
  }

  /**
   * Deletes the parts of builds that began more than a day ago, but not of this one and the last:
   * somebody may be reading the last one, or be at making another.
   *
   * @param last named by the header that this one has replaced; null if there was none
   */
  void deleteOthers(String last, Path directory, Configuration hadoop) throws IOException {
    FileSystem fileSystem = directory.getFileSystem(hadoop);
    for (FileStatus status : fileSystem.listStatus(directory)) {
      String name = status.getPath().getName();
      if (status.isDirectory() && !name.equals(build) && !name.equals(last) && isOld(name)) {
        fileSystem.delete(status.getPath(), true);
      }
    }
  }

  private static boolean isOld(String name) {
    Matcher started = STARTED.matcher(name);
    return !started.matches()
        || System.currentTimeMillis() - Long.parseLong(started.group(1)) > MILLISECONDS_OF_A_BUILD;
  }

  /** Replaces the header in a directory. That of somebody who is faster will do as well. */
  void write(Path directory, Configuration hadoop) throws IOException {
    FileSystem fileSystem = directory.getFileSystem(hadoop);
    Path file = new Path(directory, FILE);
    Path partial = new Path(directory, "." + FILE + "." + UUID.randomUUID());
    try (var output = fileSystem.create(partial, true)) {
      output.write(JSON.writeValueAsBytes(this));
    }
    fileSystem.delete(file, false);
    if (!fileSystem.rename(partial, file)) {
      fileSystem.delete(partial, false);
      if (!fileSystem.exists(file)) {
        throw new IOException("a file cannot be renamed to " + file);
      }
    }
  }
}
