package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/**
 * Finds the images of a prepared file without reading their pages: their lengths stand in a column
 * beside them, and the file's index says where pages end.
 */
final class PreparedPages implements ImageLocations {
  private static final int LENGTH_BYTES = 4;

  private final OffsetIndex pages;
  private final int[] lengths;
  private int page = -1;
  private int row = -1;
  private long offset;

  /**
   * @param lengths of the images of a row group, none of which is missing
   */
  PreparedPages(OffsetIndex pages, int[] lengths) {
    this.pages = pages;
    this.lengths = lengths;
  }

  @Override
  public void next() throws IOException {
    offset = row < 0 ? 0 : offset + lengths[row] + LENGTH_BYTES;
    row++;
    if (page + 1 < pages.getPageCount() && row == pages.getFirstRowIndex(page + 1)) {
      page++;
      offset = firstImage();
    }
    if (offset + lengths[row] > pages.getOffset(page) + pages.getCompressedPageSize(page)) {
      throw new IOException("row " + row + " of a group leaves its page");
    }
  }

  /** A page ends with its last image; what is before the first one is its header. */
  private long firstImage() {
    long end = pages.getOffset(page) + pages.getCompressedPageSize(page);
    long last = page + 1 < pages.getPageCount() ? pages.getFirstRowIndex(page + 1) : lengths.length;
    long start = end;
    for (int i = row; i < last; i++) {
      start -= LENGTH_BYTES + (long) lengths[i];
    }
    return start + LENGTH_BYTES;
  }

  @Override
  public boolean isPresent() {
    return true;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public int length() {
    return lengths[row];
  }
}
