package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.util.ReflectionUtils;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Hadoop SequenceFiles: the key is the image's name (Text, or a number), the value its file
 * (BytesWritable). The first folder of a name, if it has one, is the class. Ids count the images,
 * file after file in the order of the files' names.
 */
public final class SequenceScanner implements ImageScanner {
  private final String path;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory of them or a glob, on any Hadoop file system
   */
  public SequenceScanner(String path) {
    this.path = path;
  }

  @Override
  public String format() {
    return "sequence";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    return HadoopFiles.units(HadoopFiles.list(path, hadoop), new LeftOut());
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    return new Records(unit, withBytes, hadoop);
  }

  /** The records of a file. */
  private static final class Records implements ImageScan {
    private final ScanUnit unit;
    private final boolean withBytes;
    private final SequenceFile.Reader reader;
    private final Writable key;
    private final BytesWritable value = new BytesWritable();

    Records(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
      this.unit = unit;
      this.withBytes = withBytes;
      reader = new SequenceFile.Reader(hadoop, SequenceFile.Reader.file(new Path(unit.path())));
      if (reader.getValueClass() != BytesWritable.class
          || !Writable.class.isAssignableFrom(reader.getKeyClass())) {
        reader.close();
        throw new IOException(
            "its entries must be Writable to BytesWritable, found "
                + reader.getKeyClassName()
                + " to "
                + reader.getValueClassName());
      }
      key = (Writable) ReflectionUtils.newInstance(reader.getKeyClass(), hadoop);
    }

    @Override
    public FoundImage next() throws IOException {
      if (!reader.next(key)) {
        return null;
      }
      reader.getCurrentValue(value);
      String name = key.toString();
      // The bytes end where the record ends.
      long offset = sequentialOnly() == null ? reader.getPosition() - value.getLength() : 0;
      IndexEntry entry =
          new IndexEntry(
              unit.name(),
              name,
              offset,
              value.getLength(),
              Encoding.FILE,
              ImageFiles.firstFolder(name));
      return new FoundImage(entry, 0, withBytes ? ImageFiles.limited(value.copyBytes()) : null);
    }

    @Override
    public LeftOut leftOut() {
      return new LeftOut();
    }

    @Override
    public String sequentialOnly() {
      return reader.isBlockCompressed()
          ? "its blocks are compressed"
          : reader.isCompressed() ? "its records are compressed" : null;
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
