package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Image files that a text file lists: a path a line, absolute or relative to the text file, then,
 * if there is one, a tab and the class. Empty lines and lines that start with # do not count. Ids
 * are places in the list.
 */
public final class ManifestScanner implements ImageScanner {
  /** Bytes of the list that a task goes through: every image costs it a request. */
  private static final long UNIT_BYTES = 64 << 10;

  private static final long UNITS = 10_000;
  private static final int BUFFER = 1 << 16;

  private final String path;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path the text file, on any Hadoop file system
   */
  public ManifestScanner(String path) {
    this.path = path;
  }

  @Override
  public String format() {
    return "manifest";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    FileStatus manifest = HadoopFiles.file(path, hadoop);
    String root = HadoopFiles.rootName(manifest.getPath().getParent());
    long length = manifest.getLen();
    long step = Math.max(UNIT_BYTES, length / UNITS);
    List<ScanUnit> units = new ArrayList<>();
    for (long from = 0; from == 0 || from < length; from += step) {
      units.add(
          new ScanUnit(
              root,
              manifest.getPath().getName(),
              from,
              Math.min(length, from + step),
              manifest.getModificationTime()));
    }
    return new ScanUnits(root, units, new LeftOut());
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    return new Lines(unit, withBytes, hadoop);
  }

  /** The images of the lines that begin in a range of the list. */
  private static final class Lines implements ImageScan {
    private final ScanUnit unit;
    private final boolean withBytes;
    private final Configuration hadoop;
    private final InputStream input;
    private long position;

    Lines(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
      this.unit = unit;
      this.withBytes = withBytes;
      this.hadoop = hadoop;
      Path list = new Path(unit.path());
      FSDataInputStream file = list.getFileSystem(hadoop).open(list);
      input = new BufferedInputStream(file, BUFFER);
      if (unit.from() > 0) {
        // The line before ends at or behind the first byte of the range.
        file.seek(unit.from() - 1);
        position = unit.from() - 1;
        readLine();
      }
    }

    @Override
    public FoundImage next() throws IOException {
      while (position < unit.to()) {
        String line = readLine();
        if (line == null) {
          return null;
        }
        if (!line.isBlank() && !line.startsWith("#")) {
          return image(line);
        }
      }
      return null;
    }

    private FoundImage image(String line) {
      String[] parts = line.split("\t", -1);
      Path file = new Path(new Path(unit.root() + "/"), parts[0].strip());
      String label = parts.length > 1 && !parts[1].isBlank() ? parts[1].strip() : null;
      String whole = file.toString();
      String prefix = unit.root() + "/";
      String name = whole.startsWith(prefix) ? whole.substring(prefix.length()) : qualified(file);
      FileStatus status = ImageFiles.status(file, hadoop);
      return new FoundImage(
          new IndexEntry(name, null, 0, status.getLen(), Encoding.FILE, label),
          status.getModificationTime(),
          withBytes ? ImageFiles.read(whole, hadoop) : null);
    }

    private String qualified(Path file) {
      try {
        return "/" + file.getFileSystem(hadoop).makeQualified(file);
      } catch (IOException e) {
        throw new DataException(
            "Every image must be readable, but " + file + " is not: " + HadoopFiles.reason(e), e);
      }
    }

    /** The next line without its end, or null. */
    private String readLine() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int next = input.read();
      if (next < 0) {
        return null;
      }
      while (next >= 0 && next != '\n') {
        line.write(next);
        next = input.read();
      }
      position += line.size() + 1;
      String text = line.toString(UTF_8);
      return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    @Override
    public LeftOut leftOut() {
      return new LeftOut();
    }

    @Override
    public void close() throws IOException {
      input.close();
    }
  }
}
