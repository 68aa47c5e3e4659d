package org.simclrspark.data.decode;

import java.io.Serializable;

/**
 * What an image may ask for before it is decoded, against files that unfold to more memory than
 * there is.
 *
 * @param bytes longest file
 * @param pixels most pixels, width times height
 */
public record DecodeLimits(int bytes, int pixels) implements Serializable {
  /** 64 MiB and 100 megapixels. */
  public static final DecodeLimits DEFAULT = new DecodeLimits(64 << 20, 100_000_000);

  public DecodeLimits {
    if (bytes < 1 || pixels < 1) {
      throw new IllegalArgumentException(
          "Decoding limits must be positive, found " + bytes + " bytes and " + pixels + " pixels");
    }
  }
}
