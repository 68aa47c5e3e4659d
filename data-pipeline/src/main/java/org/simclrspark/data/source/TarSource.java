package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Tar files in the layout of WebDataset: consecutive members with the same name up to the first dot
 * are one sample; its first image file is the image, and the number in its member .cls, if there is
 * one, the label. Without it, the first folder of the name is the class.
 */
public final class TarSource extends ShardSource {
  private static final int BUFFER = 1 << 18;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a tar file, a directory of them or a glob, on any Hadoop file system
   */
  public TarSource(String path) {
    super(path, "tar", "tar", Samples::new);
  }

  /** Groups members into samples. */
  private static final class Samples implements Reader {
    private final TarArchiveInputStream tar;
    private TarArchiveEntry ahead;

    Samples(Path file, Configuration configuration) throws IOException {
      tar =
          new TarArchiveInputStream(
              new BufferedInputStream(file.getFileSystem(configuration).open(file), BUFFER));
      ahead = nextFile();
    }

    @Override
    public Stored next(boolean withBytes) throws IOException {
      while (ahead != null) {
        String key = key(ahead.getName());
        String image = null;
        byte[] bytes = null;
        int label = -1;
        while (ahead != null && key(ahead.getName()).equals(key)) {
          String name = ahead.getName();
          if (image == null && ImageFiles.isImage(name)) {
            image = name;
            bytes = withBytes ? tar.readAllBytes() : null;
          } else if (withBytes && ImageFiles.extension(name).equals("cls")) {
            label = label(name, new String(tar.readAllBytes(), UTF_8).strip());
          }
          ahead = nextFile();
        }
        if (image != null) {
          return new Stored(image, label, bytes);
        }
      }
      return null;
    }

    private TarArchiveEntry nextFile() throws IOException {
      TarArchiveEntry entry = tar.getNextTarEntry();
      while (entry != null && (!entry.isFile() || isHidden(entry.getName()))) {
        entry = tar.getNextTarEntry();
      }
      return entry;
    }

    /** Members that archivers add, such as ._name. */
    private static boolean isHidden(String name) {
      return name.substring(name.lastIndexOf('/') + 1).startsWith(".");
    }

    private static String key(String name) {
      int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
      return dot < 0 ? name : name.substring(0, dot);
    }

    private static int label(String member, String text) throws IOException {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new IOException("the label in " + member + " is no number: " + text, e);
      }
    }

    @Override
    public void close() throws IOException {
      tar.close();
    }
  }
}
