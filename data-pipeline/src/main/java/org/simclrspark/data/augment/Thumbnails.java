package org.simclrspark.data.augment;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.Pixels;

/** Images and views as pictures, for people to look at. */
public final class Thumbnails {

  /** Smaller pictures are kept without loss; larger ones as JPEG. */
  private static final int LARGEST_LOSSLESS = 64;

  private Thumbnails() {}

  /**
   * A whole image.
   *
   * @param limits beyond which it counts as damaged
   * @throws org.simclrspark.data.DataException if it is damaged
   */
  public static BufferedImage whole(ImageRecord image, DecodeLimits limits) {
    Pixels pixels = new Pixels();
    try {
      new ImageDecoder(limits).decode(image, pixels);
    } catch (DamagedImageException e) {
      throw ImageDecoder.failure(image, e);
    }
    int width = pixels.width();
    BufferedImage result = new BufferedImage(width, pixels.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * pixels.height(); i++) {
      result.setRGB(i % width, i / width, pixels.words()[i] >>> 8);
    }
    return result;
  }

  /**
   * A view.
   *
   * @param bytes red, green and blue planes, each [size, size], from {@code offset} on
   */
  public static BufferedImage view(byte[] bytes, int offset, int size) {
    int plane = size * size;
    BufferedImage view = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < plane; i++) {
      int red = bytes[offset + i] & 0xFF;
      int green = bytes[offset + plane + i] & 0xFF;
      int blue = bytes[offset + 2 * plane + i] & 0xFF;
      view.setRGB(i % size, i / size, red << 16 | green << 8 | blue);
    }
    return view;
  }

  /**
   * A picture as the address of itself, {@code data:image/...}, no larger than a side.
   *
   * @param side in pixels, of its longer side at most
   */
  public static String address(BufferedImage picture, int side) {
    BufferedImage small = reduced(picture, side);
    String format =
        Math.max(small.getWidth(), small.getHeight()) <= LARGEST_LOSSLESS ? "png" : "jpeg";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(small, format, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "data:image/"
        + format
        + ";base64,"
        + Base64.getEncoder().encodeToString(out.toByteArray());
  }

  /** In halves, so that every pixel counts. */
  private static BufferedImage reduced(BufferedImage picture, int side) {
    BufferedImage result = picture;
    while (Math.max(result.getWidth(), result.getHeight()) > side) {
      double scale = Math.max(0.5, (double) side / Math.max(result.getWidth(), result.getHeight()));
      int width = Math.max(1, (int) (result.getWidth() * scale));
      int height = Math.max(1, (int) (result.getHeight() * scale));
      BufferedImage next = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = next.createGraphics();
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(result, 0, 0, width, height, null);
      graphics.dispose();
      result = next;
    }
    return result;
  }
}
