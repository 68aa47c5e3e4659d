package org.simclrspark.data.prepare;

import java.util.Optional;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.augment.Resizer;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.JpegEncoder;
import org.simclrspark.data.decode.Pixels;
import org.simclrspark.data.decode.RawImages;
import org.simclrspark.data.prepare.PrepareSettings.Form;

/** Decodes, checks, shrinks and encodes images one by one; keeps its buffers. */
final class PreparedImages {
  private final PrepareSettings settings;
  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
  private final Resizer resizer = new Resizer();
  private final JpegEncoder encoder = new JpegEncoder();
  private final Pixels decoded = new Pixels();
  private final Pixels resized = new Pixels();
  private int fullWidth;
  private int fullHeight;

  PreparedImages(PrepareSettings settings) {
    this.settings = settings;
  }

  /** An image as it is stored, and the size it has. */
  record Prepared(Encoding encoding, byte[] bytes, int width, int height) {}

  /**
   * Prepares an image.
   *
   * @throws DamagedImageException if it cannot be decoded, with the reason
   */
  Prepared prepare(ImageRecord image) throws DamagedImageException {
    fullWidth = 0;
    int reduction =
        decoder.decode(
            image,
            (width, height) -> {
              fullWidth = width;
              fullHeight = height;
              return reduction(Math.min(width, height));
            },
            decoded);
    if (reduction == 1) {
      fullWidth = decoded.width();
      fullHeight = decoded.height();
    }
    int shorter = Math.min(fullWidth, fullHeight);
    if (settings.shorterSide() == 0 || shorter <= settings.shorterSide()) {
      return settings.form() == Form.KEEP
          ? new Prepared(image.encoding(), image.bytes(), fullWidth, fullHeight)
          : encode(decoded);
    }
    resizer.resize(decoded, scaled(fullWidth, shorter), scaled(fullHeight, shorter), resized);
    return encode(resized);
  }

  /** The greatest reduction that leaves enough pixels. */
  private int reduction(int shorter) {
    int ratio = settings.shorterSide() == 0 ? 1 : shorter / settings.shorterSide();
    return ratio >= 8 ? 8 : ratio >= 4 ? 4 : ratio >= 2 ? 2 : 1;
  }

  /** What had to be overlooked in the image prepared last, or nothing. */
  Optional<String> repair() {
    return decoder.repair();
  }

  private int scaled(int side, int shorter) {
    return Math.max(1, (int) Math.rint((double) side * settings.shorterSide() / shorter));
  }

  private Prepared encode(Pixels pixels) {
    return settings.form() == Form.RAW
        ? new Prepared(Encoding.RAW, RawImages.encode(pixels), pixels.width(), pixels.height())
        : new Prepared(
            Encoding.FILE,
            encoder.encode(pixels, settings.quality()),
            pixels.width(),
            pixels.height());
  }
}
