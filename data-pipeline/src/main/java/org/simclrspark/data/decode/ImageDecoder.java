package org.simclrspark.data.decode;

import java.util.Optional;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.source.CifarFormat;

/**
 * Turns the stored form of an image into upright RGB pixels. It looks at the header before it takes
 * memory, gives JPEG and simple PNG files to the native decoder and all others to Image I/O. One
 * decoder serves one thread; it keeps its buffers.
 *
 * <p>The pixels are those of torchvision's loader, Pillow's {@code convert("RGB")} of the upright
 * first picture. What all browsers show is decoded too: see {@link #repair}.
 */
public final class ImageDecoder {
  private final DecodeLimits limits;
  private final ImageIoDecoder general = new ImageIoDecoder();
  private final Pixels stored = new Pixels();
  private NativeDecoder fast;
  private String repair;

  public ImageDecoder(DecodeLimits limits) {
    this.limits = limits;
  }

  /** Chooses how much to shrink an image while it is decoded, knowing its size. */
  @FunctionalInterface
  public interface Reduction {
    /** Decodes at full size. */
    Reduction NONE = (width, height) -> 1;

    /**
     * A divisor of the image's sides.
     *
     * @param width of the upright image
     * @param height of the upright image
     * @return 1, 2, 4 or 8
     */
    int choose(int width, int height);
  }

  /**
   * Decodes an image.
   *
   * @param pixels receives the upright image; a CIFAR image is 32 x 32
   * @throws DamagedImageException if it cannot be decoded, with the reason
   */
  public void decode(ImageRecord image, Pixels pixels) throws DamagedImageException {
    decode(image, Reduction.NONE, pixels);
  }

  /**
   * Decodes an image, smaller if it is a JPEG that may be.
   *
   * @return by how much the sides shrank: 1, 2, 4 or 8
   * @throws DamagedImageException if it cannot be decoded, with the reason
   * @throws DataException if it does not fit into memory
   */
  public int decode(ImageRecord image, Reduction reduction, Pixels pixels)
      throws DamagedImageException {
    repair = null;
    try {
      switch (image.encoding()) {
        case CIFAR -> decodeCifar(image.bytes(), pixels);
        case RAW -> RawImages.decode(image.bytes(), limits, pixels);
        case FILE -> {
          return decodeFile(image.bytes(), reduction, pixels);
        }
      }
      return 1;
    } catch (OutOfMemoryError e) {
      pixels.release();
      stored.release();
      throw tooLarge(image, e);
    }
  }

  /** Not damaged: whether it fits depends on the machine, and a result must not. */
  private static DataException tooLarge(ImageRecord image, OutOfMemoryError e) {
    return new DataException(
        "Every image must fit into memory while it is decoded, but "
            + image.name()
            + " does not: "
            + e.getMessage()
            + ", the largest heap being "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB; give the process more memory, or lower data.limits.megapixels, beyond which"
            + " images count as damaged",
        e);
  }

  /**
   * What had to be overlooked in the image decoded last, in one clause, such as "its end marker is
   * missing"; empty if it was as it should be.
   */
  public Optional<String> repair() {
    return Optional.ofNullable(repair);
  }

  private int decodeFile(byte[] file, Reduction reduction, Pixels pixels)
      throws DamagedImageException {
    if (file.length > limits.bytes()) {
      throw new DamagedImageException(
          "the file has more than " + limits.bytes() + " bytes, the limit data.limits.file-size");
    }
    ImageHeader header = ImageHeader.parse(file);
    checkSize(header.width(), header.height(), limits);
    repair = header.repair();
    return decode(header, reduction, pixels);
  }

  /** What a caller says who cannot go on without the image. */
  public static DataException failure(ImageRecord image, DamagedImageException e) {
    return failure(image, e, "replace or remove it");
  }

  /** As {@link #failure(ImageRecord, DamagedImageException)}, where there are other remedies. */
  public static DataException failure(ImageRecord image, DamagedImageException e, String remedy) {
    return new DataException(
        "Every image must be readable, but "
            + image.name()
            + " is not: "
            + e.getMessage()
            + "; "
            + remedy,
        e);
  }

  private int decode(ImageHeader header, Reduction reduction, Pixels pixels)
      throws DamagedImageException {
    Pixels target = header.orientation() == 1 ? pixels : stored;
    int divisor = 1;
    if (header.simple()) {
      if (header.kind() == ImageHeader.Kind.JPEG) {
        divisor =
            header.isTransposed()
                ? reduction.choose(header.height(), header.width())
                : reduction.choose(header.width(), header.height());
      }
      repair = fast().decode(header, divisor, target);
    } else {
      general.decode(header, target);
    }
    if (target != pixels) {
      Orientation.apply(target, header.orientation(), pixels);
    }
    return divisor;
  }

  private NativeDecoder fast() {
    if (fast == null) {
      fast = new NativeDecoder();
    }
    return fast;
  }

  private static void decodeCifar(byte[] planes, Pixels pixels) throws DamagedImageException {
    if (planes.length != CifarFormat.IMAGE_BYTES) {
      throw new DamagedImageException(
          "a CIFAR image has " + CifarFormat.IMAGE_BYTES + " bytes, not " + planes.length);
    }
    int plane = CifarFormat.SIDE * CifarFormat.SIDE;
    pixels.resize(CifarFormat.SIDE, CifarFormat.SIDE);
    int[] words = pixels.words();
    for (int i = 0; i < plane; i++) {
      words[i] =
          (planes[i] & 0xFF) << 24
              | (planes[plane + i] & 0xFF) << 16
              | (planes[2 * plane + i] & 0xFF) << 8;
    }
  }

  static void checkSize(int width, int height, DecodeLimits limits) throws DamagedImageException {
    if ((long) width * height > limits.pixels()) {
      throw new DamagedImageException(
          "the image says it is "
              + width
              + " x "
              + height
              + " pixels, more than "
              + limits.pixels()
              + ", the limit data.limits.megapixels");
    }
  }
}
