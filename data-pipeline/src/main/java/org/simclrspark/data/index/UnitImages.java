package org.simclrspark.data.index;

import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.simclrspark.data.ImageRecord;

/** The images of a unit with their bytes, from a scan of it. */
public final class UnitImages implements Iterator<ImageRecord>, AutoCloseable {
  private final ImageScanner scanner;
  private final ScanUnit unit;
  private final int sharedFolders;
  private final ImageScan scan;
  private long id;
  private long read;
  private FoundImage ahead;

  /**
   * Starts the scan.
   *
   * @param firstId id of the unit's first image
   */
  public UnitImages(ImageScanner scanner, ScanUnit unit, long firstId, Configuration hadoop) {
    this(scanner, unit, firstId, MemberFolders.NONE, hadoop);
  }

  /** As the other one, with classes by {@link MemberFolders}. */
  UnitImages(
      ImageScanner scanner, ScanUnit unit, long firstId, int sharedFolders, Configuration hadoop) {
    this.scanner = scanner;
    this.unit = unit;
    this.sharedFolders = sharedFolders;
    this.id = firstId;
    try {
      scan = scanner.open(unit, true, hadoop);
    } catch (IOException e) {
      throw Scans.unreadable(scanner, unit, 0, e);
    }
    TaskContext task = TaskContext.get();
    if (task != null) {
      task.addTaskCompletionListener((TaskCompletionListener) context -> close());
    }
  }

  @Override
  public boolean hasNext() {
    if (ahead == null) {
      try {
        ahead = scan.next();
      } catch (IOException e) {
        throw Scans.unreadable(scanner, unit, read, e);
      }
    }
    return ahead != null;
  }

  @Override
  public ImageRecord next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    FoundImage found = ahead;
    ahead = null;
    read++;
    IndexEntry entry = MemberFolders.labelled(found.entry(), sharedFolders);
    return new ImageRecord(
        id++,
        entry.label(),
        IndexEntry.path(unit.root(), entry.name()),
        entry.encoding(),
        found.bytes());
  }

  /** Ends the scan. */
  @Override
  public void close() {
    try {
      scan.close();
    } catch (IOException e) {
      throw Scans.unreadable(scanner, unit, read, e);
    }
  }
}
