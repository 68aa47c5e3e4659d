package org.simclrspark.data.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.PreparedDataset.Recipe;

/** What is in one Parquet file of a dataset, or in all; mutable, stored as JSON. */
final class PartReport {
  /** Name of the file while the dataset is being prepared. */
  public String file;

  /** Its length in bytes. */
  public long length;

  public long images;
  public long bytes;
  public long sourceBytes;
  public long pixels;
  public int widthMin = Integer.MAX_VALUE;
  public int widthMax;
  public int heightMin = Integer.MAX_VALUE;
  public int heightMax;
  public Map<String, Long> labels = new TreeMap<>();

  /** Images that are damaged, yet can be shown. */
  public long repaired;

  /** The first of them, and what is wrong with it. */
  public Rejected firstRepaired;

  public List<Rejected> rejected = new ArrayList<>();

  /** An image that cannot be decoded, or is damaged. */
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

  /** Notes that an image is damaged, yet can be shown. */
  void addRepaired(Rejected image) {
    repaired++;
    firstRepaired = firstRepaired == null ? image : firstRepaired;
  }

  void add(PartReport other) {
    repaired += other.repaired;
    firstRepaired = firstRepaired == null ? other.firstRepaired : firstRepaired;
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

  /** The one of two reports of a part that counts. */
  static PartReport firstByName(PartReport one, PartReport other) {
    return one.file.compareTo(other.file) <= 0 ? one : other;
  }

  /** What this says of a whole dataset that holds at least one image. */
  PreparedDataset summary(
      long generation,
      Recipe recipe,
      LeftOut leftOut,
      List<PreparedDataset.Part> parts,
      double seconds) {
    return new PreparedDataset(
        generation,
        recipe,
        images,
        rejected.size(),
        repaired,
        firstRepaired == null ? null : firstRepaired.name() + ": " + firstRepaired.reason(),
        leftOut,
        new TreeMap<>(labels),
        widthMin,
        widthMax,
        heightMin,
        heightMax,
        pixels / images,
        sourceBytes,
        bytes,
        seconds,
        parts);
  }
}
