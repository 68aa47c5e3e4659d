package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.decode.DecodeLimits;

/** Image files by their names, and what is in them. */
final class ImageFiles {
  private static final Set<String> EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp", "ppm",
          "pgm", "pbm", "pnm");

  private ImageFiles() {}

  static boolean isImage(String name) {
    return EXTENSIONS.contains(extension(name));
  }

  /** What follows the last dot, in lower case; empty without a dot. */
  static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** What kind of file is passed over: its extension, or that it has none. */
  static String kind(String name) {
    String extension = extension(name.substring(name.lastIndexOf('/') + 1));
    return extension.isEmpty() ? "without extension" : "." + extension;
  }

  /** The first folder of a relative path; null for a file that lies in none. */
  static String firstFolder(String relativePath) {
    int slash = relativePath.indexOf('/');
    return slash < 0 ? null : relativePath.substring(0, slash);
  }

  /** A file that must be there. */
  static FileStatus status(Path file, Configuration configuration) {
    try {
      return file.getFileSystem(configuration).getFileStatus(file);
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
  }

  private static DataException unreadable(String file, IOException e) {
    return new DataException(
        "Every image must be readable, but "
            + file
            + " is not: "
            + HadoopFiles.reason(e)
            + "; check that it still exists and may be read",
        e);
  }

  /**
   * The bytes of a file. Of a file beyond the decoder's limit, one byte more than the limit, so
   * that the decoder refuses it.
   */
  static byte[] read(String file, Configuration configuration) {
    Path path = new Path(file);
    try (FSDataInputStream input = path.getFileSystem(configuration).open(path)) {
      return input.readNBytes(DecodeLimits.DEFAULT.bytes() + 1);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** As much of a stream as the decoder may want. */
  static byte[] limited(byte[] bytes) {
    int limit = DecodeLimits.DEFAULT.bytes() + 1;
    return bytes.length <= limit ? bytes : Arrays.copyOf(bytes, limit);
  }
}
