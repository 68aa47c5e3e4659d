package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Arrays;
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
 * Images in {@linkplain CifarFormat CIFAR's binary format}, from a file, a directory or a glob.
 *
 * <p>Ids count the records, file after file in the order of the files' names. A directory stands
 * for its training batches: test_batch.bin and test.bin are left out when others are there.
 */
public final class CifarScanner implements ImageScanner {
  private static final int RECORDS_AT_A_TIME = 1000;

  private final String path;
  private final CifarFormat format;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory or a glob on any Hadoop file system
   */
  public CifarScanner(String path, CifarFormat format) {
    this.path = path;
    this.format = format;
  }

  @Override
  public String format() {
    return format == CifarFormat.CIFAR_10 ? "cifar10" : "cifar100";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    List<FileStatus> files = files(hadoop);
    files.forEach(this::requireWholeRecords);
    return HadoopFiles.units(files, new LeftOut());
  }

  private List<FileStatus> files(Configuration hadoop) {
    List<FileStatus> files = HadoopFiles.list(path, hadoop);
    if (files.size() == 1) {
      return files;
    }
    List<FileStatus> binary =
        files.stream().filter(file -> file.getPath().getName().endsWith(".bin")).toList();
    if (binary.isEmpty()) {
      throw new DataException(
          "CIFAR files must be named *.bin, but none is in "
              + path
              + " (the first file is "
              + files.get(0).getPath().getName()
              + "); check the path or name another format");
    }
    List<FileStatus> training = binary.stream().filter(file -> !isTest(file)).toList();
    return training.isEmpty() ? binary : training;
  }

  private static boolean isTest(FileStatus file) {
    String name = file.getPath().getName();
    return name.equals("test_batch.bin") || name.equals("test.bin");
  }

  private void requireWholeRecords(FileStatus file) {
    long length = file.getLen();
    int record = format.recordBytes();
    if (length == 0 || length % record != 0) {
      throw new DataException(
          "A CIFAR file must hold whole records of "
              + record
              + " bytes, but "
              + file.getPath()
              + " has "
              + length
              + " bytes ("
              + length / record
              + " records and "
              + length % record
              + " bytes); it is truncated or not CIFAR: fetch it again");
    }
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    Path file = new Path(unit.path());
    return new Records(unit, format, withBytes, file.getFileSystem(hadoop).open(file));
  }

  /** The records of a file. */
  private static final class Records implements ImageScan {
    private final ScanUnit unit;
    private final CifarFormat format;
    private final boolean withBytes;
    private final FSDataInputStream input;
    private byte[] records = new byte[0];
    private int at;
    private long number;

    Records(ScanUnit unit, CifarFormat format, boolean withBytes, FSDataInputStream input) {
      this.unit = unit;
      this.format = format;
      this.withBytes = withBytes;
      this.input = input;
    }

    @Override
    public FoundImage next() throws IOException {
      if (at == records.length) {
        records = input.readNBytes(RECORDS_AT_A_TIME * format.recordBytes());
        at = 0;
      }
      if (records.length == 0) {
        return null;
      }
      int pixels = at + format.labelBytes();
      at += format.recordBytes();
      IndexEntry entry =
          new IndexEntry(
              unit.name(),
              Long.toString(number),
              number * format.recordBytes() + format.labelBytes(),
              CifarFormat.IMAGE_BYTES,
              Encoding.CIFAR,
              label(records[pixels - 1] & 0xFF));
      number++;
      return new FoundImage(entry, 0, withBytes ? Arrays.copyOfRange(records, pixels, at) : null);
    }

    private String label(int label) {
      if (label >= format.classes()) {
        throw new DataException(
            "A CIFAR label must lie in 0 to "
                + (format.classes() - 1)
                + ", found "
                + label
                + " in "
                + unit.path()
                + "#"
                + number
                + "; the file is damaged or not CIFAR");
      }
      return format.className(label);
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
