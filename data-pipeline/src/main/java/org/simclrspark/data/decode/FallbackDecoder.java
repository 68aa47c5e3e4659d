package org.simclrspark.data.decode;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes whatever Image I/O and its plug-ins can: CMYK, 16 bits, palettes, alpha, GIF, BMP, TIFF.
 * Transparent images are laid on white. Only the first picture of a file counts.
 */
final class FallbackDecoder {
  private static final int WHITE = 255;

  static {
    ImageIO.setUseCache(false);
  }

  /**
   * Decodes an image.
   *
   * @throws DamagedImageException if no reader knows the file, the reader refuses, or the image is
   *     larger than the limit
   */
  void decode(byte[] file, DecodeLimits limits, Pixels pixels) throws DamagedImageException {
    try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        throw new DamagedImageException("the file is no image of a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(input, true, true);
        ImageDecoder.checkSize(reader.getWidth(0), reader.getHeight(0), limits);
        copy(reader.read(0), pixels);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // Readers throw all kinds of unchecked exceptions on damaged files.
      String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new DamagedImageException(
          "the image cannot be decoded: " + message.lines().findFirst().orElse(""), e);
    }
  }

  private static void copy(BufferedImage image, Pixels pixels) {
    int width = image.getWidth();
    int height = image.getHeight();
    pixels.resize(width, height);
    int[] words = pixels.words();
    ColorModel colors = image.getColorModel();
    if (colors instanceof ComponentColorModel
        && colors.getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      copyGray(image, words);
      return;
    }
    image.getRGB(0, 0, width, height, words, 0, width);
    for (int i = 0; i < width * height; i++) {
      int argb = words[i];
      int alpha = argb >>> 24;
      words[i] =
          alpha == 255
              ? argb << 8
              : Pixels.word(
                  overWhite(argb >> 16 & 0xFF, alpha),
                  overWhite(argb >> 8 & 0xFF, alpha),
                  overWhite(argb & 0xFF, alpha));
    }
  }

  /** By hand, because Java takes stored gray for linear light and would brighten it. */
  private static void copyGray(BufferedImage image, int[] words) {
    int width = image.getWidth();
    ColorModel colors = image.getColorModel();
    int[] gray = new int[width];
    int[] alpha = new int[width];
    Arrays.fill(alpha, 255);
    for (int y = 0; y < image.getHeight(); y++) {
      readBand(image, y, 0, gray);
      if (colors.hasAlpha()) {
        readBand(image, y, 1, alpha);
      }
      for (int x = 0; x < width; x++) {
        int value = overWhite(gray[x], alpha[x]);
        words[y * width + x] = Pixels.word(value, value, value);
      }
    }
  }

  private static void readBand(BufferedImage image, int y, int band, int[] values) {
    image.getRaster().getSamples(0, y, values.length, 1, band, values);
    int greatest = (1 << image.getColorModel().getComponentSize(band)) - 1;
    for (int x = 0; x < values.length; x++) {
      values[x] = (int) ((values[x] * 255L + greatest / 2) / greatest);
    }
  }

  private static int overWhite(int value, int alpha) {
    return (value * alpha + WHITE * (255 - alpha) + 127) / 255;
  }
}
