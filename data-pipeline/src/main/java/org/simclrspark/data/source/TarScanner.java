package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Tar files in the layout of WebDataset: consecutive members with the same name up to the first dot
 * are one sample; its first image file is the image, and the text in its member .cls, if there is
 * one, the class. Without it, the first folder of the name is the class. Ids count the images, file
 * after file in the order of the files' names.
 */
public final class TarScanner implements ImageScanner {
  private static final int BUFFER = 1 << 18;

  private final String path;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a tar file, a directory of them or a glob, on any Hadoop file system
   */
  public TarScanner(String path) {
    this.path = path;
  }

  @Override
  public String format() {
    return "tar";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    return HadoopFiles.units(HadoopFiles.list(path, "tar", hadoop), new LeftOut());
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    Path file = new Path(unit.path());
    return new Samples(
        unit,
        withBytes,
        new TarArchiveInputStream(
            new BufferedInputStream(file.getFileSystem(hadoop).open(file), BUFFER)));
  }

  /** Groups members into samples. */
  private static final class Samples implements ImageScan {
    private final ScanUnit unit;
    private final boolean withBytes;
    private final TarArchiveInputStream tar;
    private final LeftOut leftOut = new LeftOut();
    private TarArchiveEntry ahead;
    private long aheadOffset;

    Samples(ScanUnit unit, boolean withBytes, TarArchiveInputStream tar) throws IOException {
      this.unit = unit;
      this.withBytes = withBytes;
      this.tar = tar;
      this.ahead = nextFile();
    }

    @Override
    public FoundImage next() throws IOException {
      while (ahead != null) {
        String key = key(ahead.getName());
        TarArchiveEntry image = null;
        long offset = 0;
        byte[] bytes = null;
        String label = null;
        while (ahead != null && key(ahead.getName()).equals(key)) {
          String name = ahead.getName();
          if (image == null && ImageFiles.isImage(name)) {
            image = ahead;
            offset = aheadOffset;
            bytes = withBytes ? ImageFiles.limited(tar.readAllBytes()) : null;
          } else if (ImageFiles.extension(name).equals("cls")) {
            label = new String(tar.readAllBytes(), UTF_8).strip();
          } else {
            leftOut.add(ImageFiles.kind(name), unit.name() + "#" + name);
          }
          ahead = nextFile();
        }
        if (image != null) {
          return new FoundImage(entry(image, offset, label), 0, bytes);
        }
      }
      return null;
    }

    private IndexEntry entry(TarArchiveEntry image, long offset, String label) {
      return new IndexEntry(
          unit.name(),
          image.getName(),
          offset,
          image.getSize(),
          Encoding.FILE,
          label != null ? label : ImageFiles.firstFolder(image.getName()));
    }

    private TarArchiveEntry nextFile() throws IOException {
      TarArchiveEntry entry = tar.getNextTarEntry();
      while (entry != null && (!entry.isFile() || isHidden(entry.getName()))) {
        entry = tar.getNextTarEntry();
      }
      aheadOffset = tar.getBytesRead();
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

    @Override
    public LeftOut leftOut() {
      return leftOut;
    }

    @Override
    public void close() throws IOException {
      tar.close();
    }
  }
}
