package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Image files that a text file lists, a path and its class a line, see {@link ManifestLayout}. A
 * path is absolute or relative to the text file. Empty lines and lines that start with # do not
 * count. Ids are places in the list.
 */
public final class ManifestScanner implements ImageScanner {
  /** Bytes of the list that a task goes through: every image costs it a request. */
  private static final long UNIT_BYTES = 64 << 10;

  private static final long UNITS = 10_000;

  private final String path;
  private final Columns columns;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path the text file, on any file system
   * @param columns of path and class, where the first line names them
   */
  public ManifestScanner(String path, Columns columns) {
    this.path = path;
    this.columns = columns;
  }

  @Override
  public String format() {
    return "manifest";
  }

  @Override
  public boolean hasFileForEachImage() {
    return true;
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    FoundFile manifest = SourceFiles.one(path, hadoop);
    if (!manifest.isFile()) {
      throw new DataException("A manifest must be a file, but " + path + " is a directory");
    }
    String root = SourceFiles.parent(manifest.path());
    long length = manifest.length();
    long step = Math.max(UNIT_BYTES, length / UNITS);
    List<ScanUnit> units = new ArrayList<>();
    for (long from = 0; from == 0 || from < length; from += step) {
      long to = Math.min(length, from + step);
      units.add(new ScanUnit(root, manifest.name(), from, to, manifest.modified()));
    }
    LeftOut leftOut = new LeftOut();
    ManifestRepeats.count(manifest, hadoop, leftOut);
    return new ScanUnits(root, units, leftOut);
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    return new Lines(unit, ManifestLines.layout(unit.path(), columns, hadoop), withBytes, hadoop);
  }

  /** The images of the lines that begin in a range of the list. */
  private static final class Lines implements ImageScan {
    private final ScanUnit unit;
    private final ManifestLayout layout;
    private final boolean withBytes;
    private final Configuration hadoop;
    private final ManifestLines lines;
    private boolean isHeaderAhead;

    Lines(ScanUnit unit, ManifestLayout layout, boolean withBytes, Configuration hadoop)
        throws IOException {
      this.unit = unit;
      this.layout = layout;
      this.withBytes = withBytes;
      this.hadoop = hadoop;
      this.isHeaderAhead = layout.hasHeader() && unit.from() == 0;
      this.lines = new ManifestLines(unit.path(), unit.from(), hadoop);
    }

    @Override
    public FoundImage next() throws IOException {
      while (lines.position() < unit.to()) {
        long start = lines.position();
        String line = lines.next();
        if (line == null) {
          return null;
        }
        if (ManifestLines.isData(line)) {
          if (!isHeaderAhead) {
            return image(line, start);
          }
          isHeaderAhead = false;
        }
      }
      return null;
    }

    private FoundImage image(String line, long start) throws IOException {
      try {
        ManifestLayout.Line parsed = layout.parse(line);
        if (parsed.path().isEmpty()) {
          throw new IOException("it names no file");
        }
        String whole = whole(parsed.path());
        FoundFile file = find(whole);
        String prefix = unit.root() + "/";
        String name = whole.startsWith(prefix) ? whole.substring(prefix.length()) : "/" + whole;
        return new FoundImage(
            new IndexEntry(name, null, 0, file.length(), Encoding.FILE, parsed.label()),
            file.modified(),
            withBytes ? ImageFiles.read(whole, hadoop) : null);
      } catch (IOException e) {
        throw new DataException(
            "Every line of a manifest must name an image, but line "
                + ManifestLines.number(unit.path(), start, hadoop)
                + " of "
                + unit.path()
                + " does not: "
                + SourceFiles.reason(e)
                + " (the line is: "
                + line.replaceAll("\\p{Cntrl}", " ")
                + "); correct it, or bring the file back",
            e);
      }
    }

    private FoundFile find(String whole) throws IOException {
      FoundFile file = DataFiles.of(whole, hadoop).find(whole);
      if (file == null || !file.isFile()) {
        throw new IOException((file == null ? "nothing is at " : "no file is at ") + whole);
      }
      return file;
    }

    /** The whole path of a file, without {@code .} in it. */
    private String whole(String listed) throws IOException {
      if (DataFiles.SCHEME.matcher(listed).lookingAt()) {
        return DataFiles.of(listed, hadoop).qualify(listed);
      }
      DataFiles files = DataFiles.of(unit.root() + "/", hadoop);
      if (!listed.startsWith("/")) {
        return files.qualify(unit.root() + "/" + listed);
      }
      String root = unit.root();
      int authority = root.indexOf("://");
      int end = authority < 0 ? root.indexOf(":/") + 1 : root.indexOf('/', authority + 3);
      return files.qualify((end < 0 ? root : root.substring(0, end)) + listed);
    }

    @Override
    public LeftOut leftOut() {
      return new LeftOut();
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
