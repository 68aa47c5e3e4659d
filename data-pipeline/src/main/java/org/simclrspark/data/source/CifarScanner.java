package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.index.DatasetSpec.Split;
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
 * <p>Ids count the records, file after file in the order of the files' names. Of a directory that
 * holds training and test batches, those of the split that is meant count.
 */
public final class CifarScanner implements ImageScanner {
  private static final int RECORDS_AT_A_TIME = 1000;
  private static final Set<String> TEST_FILES = Set.of("test_batch.bin", "test.bin");

  private final String path;
  private final CifarFormat format;
  private final Split split;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory or a glob on any file system
   * @param split which is meant, if there are both
   */
  public CifarScanner(String path, CifarFormat format, Split split) {
    this.path = path;
    this.format = format;
    this.split = split;
  }

  @Override
  public String format() {
    return format == CifarFormat.CIFAR_10 ? "cifar10" : "cifar100";
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    LeftOut leftOut = new LeftOut();
    List<FoundFile> files =
        SourceFiles.list(path, CifarScanner::isBinary, "*.bin", hadoop, leftOut);
    boolean wanted = split == Split.TEST;
    List<FoundFile> ofSplit =
        files.stream().filter(file -> TEST_FILES.contains(file.name()) == wanted).toList();
    if (!ofSplit.isEmpty() && ofSplit.size() < files.size()) {
      files.stream()
          .filter(file -> !ofSplit.contains(file))
          .forEach(
              file ->
                  leftOut.addRemark(
                      wanted ? "holds training images" : "holds test images", file.name()));
      files = ofSplit;
    }
    files.forEach(this::requireWholeRecords);
    return SourceFiles.units(files, leftOut);
  }

  static boolean isBinary(String name) {
    return ImageFiles.extension(name).equals("bin");
  }

  private void requireWholeRecords(FoundFile file) {
    long length = file.length();
    int record = format.recordBytes();
    if (length == 0 || length % record != 0) {
      throw new DataException(
          "A CIFAR file must hold whole records of "
              + record
              + " bytes, but "
              + file.path()
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
    List<String> classes = classNames(unit, hadoop);
    return new Records(
        unit, format, classes, withBytes, DataFiles.of(unit.path(), hadoop).open(unit.path()));
  }

  /** Names of the classes from the file that comes with CIFAR, if it is there. */
  private List<String> classNames(ScanUnit unit, Configuration hadoop) throws IOException {
    String file = SourceFiles.parent(unit.path()) + "/" + format.classFile();
    if (DataFiles.of(file, hadoop).find(file) == null) {
      return format.classNames();
    }
    byte[] bytes = ImageFiles.start(file, 1 << 16, hadoop);
    List<String> names =
        Utf8.text(bytes, file).lines().map(String::strip).filter(name -> !name.isEmpty()).toList();
    if (names.size() != format.classes() || Set.copyOf(names).size() != names.size()) {
      throw new DataException(
          "Classes must have "
              + format.classes()
              + " different names, but "
              + file
              + " has "
              + Set.copyOf(names).size()
              + "; fetch it again, or remove it for the usual names");
    }
    return names;
  }

  /** The records of a file. */
  private static final class Records implements ImageScan {
    private final ScanUnit unit;
    private final CifarFormat format;
    private final List<String> classes;
    private final boolean withBytes;
    private final FSDataInputStream input;
    private byte[] records = new byte[0];
    private int at;
    private long number;

    Records(
        ScanUnit unit,
        CifarFormat format,
        List<String> classes,
        boolean withBytes,
        FSDataInputStream input) {
      this.unit = unit;
      this.format = format;
      this.classes = classes;
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
      if (label >= classes.size()) {
        throw new DataException(
            "A CIFAR label must lie in 0 to "
                + (classes.size() - 1)
                + ", found "
                + label
                + " in "
                + unit.path()
                + "#"
                + number
                + "; the file is damaged or not CIFAR");
      }
      return classes.get(label);
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
