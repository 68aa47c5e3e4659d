package org.simclrspark.driver.config;

import java.util.Optional;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.index.ReadSettings;

/**
 * Where the images are.
 *
 * @param train paths of the training images: local, or on any Hadoop file system
 * @param test labelled images to evaluate on; without them only the loss is reported
 * @param labelled images that an evaluation's neighbours and probes learn from; empty: the training
 *     images
 * @param format how the images are stored, one of {@link ImageSources#FORMATS}
 * @param columns of a Parquet dataset, where their names are not usual ones
 * @param damaged what happens to images that cannot be decoded
 * @param limits beyond which an image counts as damaged
 * @param requests to storage that an executor has under way at a time
 * @param cache a directory on the executors' own disks that keeps what was read
 * @param cacheSize bytes that the cache may take on a machine
 */
public record DataConfig(
    String train,
    Optional<String> test,
    Optional<String> labelled,
    String format,
    Columns columns,
    Damaged damaged,
    DecodeLimits limits,
    int requests,
    Optional<String> cache,
    long cacheSize) {
  private static final long MOST_FILE_BYTES = 1 << 30;
  private static final int MOST_MEGAPIXELS = 2000;
  private static final int MEGA = 1_000_000;
  private static final String CACHE =
      "the absolute path of a directory on the executors' own disks, such as /mnt/nvme/simclr";

  /** What happens to training images that cannot be decoded. */
  public enum Damaged {
    /** Training stops, and names the image and the reason. */
    FAIL,
    /** The image leaves its step. */
    SKIP
  }

  static DataConfig read(Section section) {
    String what = "a path, local or with a scheme such as hdfs:// or s3a://";
    return new DataConfig(
        withoutPassword(section, "train", Optional.ofNullable(section.text("train", what)))
            .orElse(null),
        withoutPassword(section, "test", section.optionalText("test", what)),
        withoutPassword(section, "labelled", section.optionalText("labelled", what)),
        section.oneOf("format", ImageSources.FORMATS),
        columns(section.section("columns")),
        section.choice("damaged", Damaged.class),
        limits(section.section("limits")),
        section.integer("requests", Range.between(1, 4096)),
        section.optionalText("cache", CACHE, path -> path.startsWith("/")),
        section.bytes("cache-size"));
  }

  private static DecodeLimits limits(Section section) {
    long bytes = section.bytes("file-size", 1, MOST_FILE_BYTES);
    double megapixels = section.real("megapixels", Range.aboveUpTo(0, MOST_MEGAPIXELS));
    return new DecodeLimits((int) bytes, (int) Math.max(1, Math.rint(MEGA * megapixels)));
  }

  private static Columns columns(Section section) {
    return new Columns(
        section.optionalText("image", "the name of a column").orElse(null),
        section.optionalText("label", "the name of a column").orElse(null));
  }

  /** The training images. */
  public DatasetSpec trainSpec() {
    return new DatasetSpec(train, format, Split.TRAIN, columns);
  }

  /** The test images, if there are any. */
  public Optional<DatasetSpec> testSpec() {
    return test.map(path -> new DatasetSpec(path, format, Split.TEST, columns));
  }

  /** The images that an evaluation learns from, where they are not the training images. */
  public Optional<DatasetSpec> labelledSpec() {
    return labelled.map(path -> new DatasetSpec(path, format, Split.TRAIN, columns));
  }

  /** How images are read. */
  public ReadSettings reading() {
    return new ReadSettings(requests, cache.orElse(null), cacheSize, limits);
  }

  /** A run keeps its configuration for everybody to read. */
  private static Optional<String> withoutPassword(
      Section section, String name, Optional<String> path) {
    if (path.filter(Secrets::hasPassword).isPresent()) {
      section.reject(
          name, "must not hold a password, found " + Secrets.redact(path.get()), Secrets.REMEDY);
    }
    return path;
  }
}
