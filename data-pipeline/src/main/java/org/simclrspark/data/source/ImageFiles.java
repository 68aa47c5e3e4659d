package org.simclrspark.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.files.DataFiles;

/** Image files by their names, and what is in them. */
final class ImageFiles {
  private static final Set<String> EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp", "ppm",
          "pgm", "pbm", "pnm");

  /** Bytes that tell an image file. */
  static final int SIGNATURE = 12;

  private ImageFiles() {}

  static boolean isImage(String name) {
    return EXTENSIONS.contains(extension(name));
  }

  /** What follows the last dot of a file's name, in lower case; empty without a dot. */
  static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot <= name.lastIndexOf('/') ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** What kind of file is passed over: its extension, if it has one that is a word. */
  static String kind(String name) {
    String extension = extension(name);
    return extension.matches("[a-z][a-z0-9_~-]{0,9}") ? "." + extension : "without extension";
  }

  /** The first folder of a relative path; null for a file that lies in none. */
  static String firstFolder(String relativePath) {
    int slash = relativePath.indexOf('/');
    return slash < 0 ? null : relativePath.substring(0, slash);
  }

  /** Whether a file begins as JPEG, PNG, GIF, BMP, TIFF or WebP files do. */
  static boolean isImage(byte[] start) {
    return startsWith(start, 0xFF, 0xD8, 0xFF)
        || startsWith(start, 0x89, 'P', 'N', 'G', '\r', '\n')
        || startsWith(start, 'G', 'I', 'F', '8')
        || startsWith(start, 'I', 'I', 42, 0)
        || startsWith(start, 'M', 'M', 0, 42)
        || (startsWith(start, 'B', 'M') && start.length > 9 && start[6] == 0 && start[8] == 0)
        || (startsWith(start, 'R', 'I', 'F', 'F')
            && start.length >= SIGNATURE
            && start[8] == 'W'
            && start[9] == 'E'
            && start[10] == 'B'
            && start[11] == 'P');
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    if (bytes.length < start.length) {
      return false;
    }
    for (int i = 0; i < start.length; i++) {
      if ((bytes[i] & 0xFF) != start[i]) {
        return false;
      }
    }
    return true;
  }

  /** The first bytes of a file, at most so many. */
  static byte[] start(String file, int count, Configuration hadoop) {
    try (InputStream input = DataFiles.of(file, hadoop).open(file)) {
      return input.readNBytes(count);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * The bytes of a file. Of a file beyond the decoder's limit, one byte more than the limit, so
   * that the decoder refuses it.
   */
  static byte[] read(String file, Configuration hadoop) {
    return start(file, DecodeLimits.DEFAULT.bytes() + 1, hadoop);
  }

  static DataException unreadable(String file, Exception e) {
    return new DataException(
        "Every image must be readable, but "
            + file
            + " is not: "
            + SourceFiles.reason(e)
            + "; check that it still exists and may be read",
        e);
  }

  /** As much of a stream as the decoder may want. */
  static byte[] limited(byte[] bytes) {
    int limit = DecodeLimits.DEFAULT.bytes() + 1;
    return bytes.length <= limit ? bytes : Arrays.copyOf(bytes, limit);
  }
}
