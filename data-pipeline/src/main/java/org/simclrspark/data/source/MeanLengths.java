package org.simclrspark.data.source;

/** Stands for locations where images cannot be read one by one. */
record MeanLengths(int length) implements ImageLocations {

  /**
   * @param bytes of the images of a row group and what is around them, uncompressed
   * @param rows of the row group
   */
  static MeanLengths of(long bytes, long rows) {
    return new MeanLengths((int) Math.min(Integer.MAX_VALUE, bytes / rows));
  }

  @Override
  public void next() {}

  @Override
  public boolean isPresent() {
    return true;
  }

  @Override
  public long offset() {
    return 0;
  }
}
