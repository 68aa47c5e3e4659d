package org.simclrspark.data.files;

/**
 * What a listing shows.
 *
 * @param path whole path, with its scheme
 * @param kind what is there; links are followed
 * @param length in bytes; 0 of what is no file
 * @param modified time of the last change, in milliseconds since 1970
 * @param target where a link to a directory leads, without any link in it; null for the rest
 */
public record FoundFile(String path, Kind kind, long length, long modified, String target) {

  /** What there can be at a path. */
  public enum Kind {
    FILE,
    DIRECTORY,
    /** A link that leads nowhere, or in a circle. */
    BROKEN_LINK,
    /** A pipe, a socket or a device. */
    SPECIAL
  }

  /** The last part of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Whether this is a file, itself or by a link. */
  public boolean isFile() {
    return kind == Kind.FILE;
  }

  /** Whether this is a directory, itself or by a link. */
  public boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }
}
