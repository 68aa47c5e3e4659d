package org.simclrspark.data.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is in one file of a prepared dataset; mutable, stored as JSON. */
final class PartReport {
  public long images;
  public long bytes;
  public long sourceBytes;
  public long pixels;
  public int widthMin = Integer.MAX_VALUE;
  public int widthMax;
  public int heightMin = Integer.MAX_VALUE;
  public int heightMax;
  public Map<String, Long> labels = new TreeMap<>();
  public List<Rejected> rejected = new ArrayList<>();

  /** An image that cannot be decoded. */
  record Rejected(long id, String name, String reason) {}

  void add(String label, PreparedImages.Prepared image, int sourceLength) {
    images++;
    bytes += image.bytes().length;
    sourceBytes += sourceLength;
    pixels += (long) image.width() * image.height();
    widthMin = Math.min(widthMin, image.width());
    widthMax = Math.max(widthMax, image.width());
    heightMin = Math.min(heightMin, image.height());
    heightMax = Math.max(heightMax, image.height());
    if (label != null) {
      labels.merge(label, 1L, Long::sum);
    }
  }

  void add(PartReport other) {
    images += other.images;
    bytes += other.bytes;
    sourceBytes += other.sourceBytes;
    pixels += other.pixels;
    widthMin = Math.min(widthMin, other.widthMin);
    widthMax = Math.max(widthMax, other.widthMax);
    heightMin = Math.min(heightMin, other.heightMin);
    heightMax = Math.max(heightMax, other.heightMax);
    other.labels.forEach((label, count) -> labels.merge(label, count, Long::sum));
    rejected.addAll(other.rejected);
  }
}
