package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Hadoop SequenceFiles: the key is the image's name (Text, or a number), the value its file
 * (BytesWritable). The folders of the names tell the classes. Ids count the images, file after file
 * in the order of the files' names.
 */
public final class SequenceScanner implements ImageScanner {
  private final String path;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory of them or a glob, on any file system
   */
  public SequenceScanner(String path) {
    this.path = path;
  }

  @Override
  public String format() {
    return "sequence";
  }

  @Override
  public boolean isClassedByFolders() {
    return true;
  }

  @Override
  public void checkFolders(Collection<String> classes) {
    SplitFolders.refuseAsClasses(classes, path);
  }

  /** Hadoop's own tools give them no extension; a number is none. */
  static boolean isSequence(String name) {
    String extension = ImageFiles.extension(name);
    return extension.startsWith("seq") || !extension.matches("[a-z]+");
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    LeftOut leftOut = new LeftOut();
    List<FoundFile> files =
        SourceFiles.list(path, SequenceScanner::isSequence, "*.seq or part-00000", hadoop, leftOut);
    return SourceFiles.units(files, leftOut);
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    SequenceHeader header;
    FSDataInputStream file = DataFiles.of(unit.path(), hadoop).open(unit.path());
    try {
      header = SequenceHeader.read(file);
      if (header.compression() == null) {
        return new SequenceRecords(unit, withBytes, header, file);
      }
      file.seek(0);
      return new CompressedRecords(unit, withBytes, header, file, hadoop);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }
}
