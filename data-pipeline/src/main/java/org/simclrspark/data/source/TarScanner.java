package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Tar files in the layout of WebDataset, see {@link TarScan}, as they are or compressed with gzip.
 * Ids count the images, file after file in the order of the files' names.
 */
public final class TarScanner implements ImageScanner {
  private static final int BUFFER = 1 << 18;

  private final String path;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a tar file, a directory of them or a glob, on any file system
   */
  public TarScanner(String path) {
    this.path = path;
  }

  @Override
  public String format() {
    return "tar";
  }

  @Override
  public boolean isClassedByFolders() {
    return true;
  }

  @Override
  public void checkFolders(Collection<String> classes) {
    SplitFolders.refuseAsClasses(classes, path);
  }

  static boolean isTar(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tar") || lower.endsWith(".tar.gz") || lower.endsWith(".tgz");
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    LeftOut leftOut = new LeftOut();
    List<FoundFile> files =
        SourceFiles.list(path, TarScanner::isTar, "*.tar, *.tar.gz or *.tgz", hadoop, leftOut);
    return SourceFiles.units(files, leftOut);
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    if (unit.to() == 0) {
      throw new IOException("it is empty");
    }
    InputStream file =
        new BufferedInputStream(DataFiles.of(unit.path(), hadoop).open(unit.path()), BUFFER);
    try {
      file.mark(6);
      byte[] start = file.readNBytes(6);
      file.reset();
      refuseCompression(start);
      boolean gzip = start.length > 1 && start[0] == 0x1F && start[1] == (byte) 0x8B;
      return new TarScan(unit, withBytes, gzip ? new GZIPInputStream(file, BUFFER) : file, gzip);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static void refuseCompression(byte[] start) throws IOException {
    String text = new String(start, ISO_8859_1);
    String compression =
        text.startsWith("BZh")
            ? "bzip2"
            : text.startsWith("\u00FD7zXZ")
                ? "xz"
                : text.startsWith("(\u00B5/\u00FD") ? "zstd" : null;
    if (compression != null) {
      throw new IOException(
          "it is compressed with " + compression + ", but only gzip can be read; decompress it");
    }
  }
}
