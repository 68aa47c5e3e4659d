package org.simclrspark.data.index;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.ImageRecord;

/** Consecutive images of a dataset that can only be read from the beginnings of its units. */
final class SequentialImages implements Iterator<ImageRecord> {
  private final ImageScanner scanner;
  private final List<ScanUnit> units;
  private final List<Long> unitCounts;
  private final int sharedFolders;
  private final long to;
  private final Configuration hadoop;
  private long next;
  private int unit;
  private long firstOfUnit;
  private UnitImages images;

  SequentialImages(
      ImageScanner scanner, IndexHeader header, long from, long to, Configuration hadoop) {
    this.scanner = scanner;
    this.units = scanner.list(hadoop).units();
    this.unitCounts = header.unitCounts();
    this.sharedFolders = header.sharedFolders();
    this.next = from;
    this.to = to;
    this.hadoop = hadoop;
  }

  @Override
  public boolean hasNext() {
    return next < to;
  }

  @Override
  public ImageRecord next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while (next >= firstOfUnit + unitCounts.get(unit)) {
      firstOfUnit += unitCounts.get(unit);
      unit++;
      close();
    }
    if (images == null) {
      images = new UnitImages(scanner, units.get(unit), firstOfUnit, sharedFolders, hadoop);
    }
    ImageRecord image = images.next();
    while (image.id() < next) {
      image = images.next();
    }
    next++;
    if (next == to) {
      close();
    }
    return image;
  }

  private void close() {
    if (images != null) {
      images.close();
      images = null;
    }
  }
}
