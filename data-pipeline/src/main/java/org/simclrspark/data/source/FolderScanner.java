package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
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
 * Image files in a directory and the directories in it. The class of an image is the first of these
 * directories.
 *
 * <p>Ids are places in the order of the paths within the directory. Spark's tasks list and sort the
 * files; the driver sees only the directories of the first level.
 */
public final class FolderScanner implements ImageScanner {
  private final String path;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a directory on any Hadoop file system, or a glob of one
   */
  public FolderScanner(String path) {
    this.path = path;
  }

  @Override
  public String format() {
    return "folder";
  }

  @Override
  public boolean isOrdered() {
    return false;
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    String root = HadoopFiles.rootName(HadoopFiles.directory(path, hadoop).getPath());
    List<ScanUnit> units = new ArrayList<>();
    units.add(new ScanUnit(root, "", 0, 0, 0));
    try {
      for (String child : HadoopFiles.directories(root + "/", hadoop)) {
        units.add(new ScanUnit(root, child, 0, 0, 0));
      }
    } catch (IOException e) {
      throw new DataException(
          "Data cannot be listed at " + root + ": " + HadoopFiles.reason(e) + "; check permissions",
          e);
    }
    return new ScanUnits(root, units, new LeftOut());
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    return new Directory(unit, withBytes, hadoop);
  }

  /** The image files of a directory; those of the root itself, or of one in it and below. */
  private static final class Directory implements ImageScan {
    private final ScanUnit unit;
    private final boolean withBytes;
    private final Configuration hadoop;
    private final LeftOut leftOut = new LeftOut();
    private final Iterator<FoundImage> images;

    Directory(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
      this.unit = unit;
      this.withBytes = withBytes;
      this.hadoop = hadoop;
      Path listed = new Path(unit.path());
      FileSystem fileSystem = listed.getFileSystem(hadoop);
      List<FoundImage> found = new ArrayList<>();
      if (unit.name().isEmpty()) {
        RemoteIterator<FileStatus> statuses = fileSystem.listStatusIterator(listed);
        while (statuses.hasNext()) {
          FileStatus status = statuses.next();
          if (status.isFile()) {
            add(status, found);
          }
        }
      } else {
        HadoopFiles.walk(
            fileSystem,
            listed,
            status -> {
              add(status, found);
              return true;
            });
      }
      images = found.iterator();
    }

    private void add(FileStatus status, List<FoundImage> found) {
      String root = HadoopFiles.rootName(new Path(new Path(unit.root() + "/").toUri().getPath()));
      String name = status.getPath().toUri().getPath().substring(root.length() + 1);
      if (isHidden(name)) {
        return;
      }
      if (!ImageFiles.isImage(name)) {
        leftOut.add(ImageFiles.kind(name), name);
        return;
      }
      IndexEntry entry =
          new IndexEntry(
              name, null, 0, status.getLen(), Encoding.FILE, ImageFiles.firstFolder(name));
      found.add(new FoundImage(entry, status.getModificationTime(), null));
    }

    private static boolean isHidden(String relative) {
      return relative.startsWith(".")
          || relative.startsWith("_")
          || relative.contains("/.")
          || relative.contains("/_");
    }

    @Override
    public FoundImage next() {
      if (!images.hasNext()) {
        return null;
      }
      FoundImage image = images.next();
      return withBytes
          ? new FoundImage(
              image.entry(),
              image.modified(),
              ImageFiles.read(unit.root() + "/" + image.entry().file(), hadoop))
          : image;
    }

    @Override
    public LeftOut leftOut() {
      return leftOut;
    }

    @Override
    public void close() {}
  }
}
