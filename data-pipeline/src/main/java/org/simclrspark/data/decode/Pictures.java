package org.simclrspark.data.decode;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Makes RGB pixels of what Image I/O reads, as Pillow's {@code convert("RGB")} does: alpha is left
 * out without blending, profiles count for nothing, CMYK is multiplied out, and of 16 bits the high
 * byte is taken.
 */
final class Pictures {
  private static final int OPAQUE_BLACK = 0xFF000000;

  private Pictures() {}

  /** Copies a whole picture. */
  static void copy(BufferedImage picture, Pixels pixels) {
    pixels.resize(picture.getWidth(), picture.getHeight());
    write(picture, pixels.words(), 0, pixels.width());
  }

  /** Copies a frame that covers a part of the picture; the rest has the frame's background. */
  static void copyFrame(BufferedImage frame, ImageHeader header, Pixels pixels)
      throws DamagedImageException {
    int width = header.width();
    int height = header.height();
    if (header.left() + frame.getWidth() > width || header.top() + frame.getHeight() > height) {
      throw new DamagedImageException(
          "the "
              + header.kind()
              + " says it is "
              + width
              + " x "
              + height
              + " pixels, but its picture is "
              + frame.getWidth()
              + " x "
              + frame.getHeight());
    }
    pixels.resize(width, height);
    Arrays.fill(pixels.words(), 0, width * height, background(frame.getColorModel()) << 8);
    write(frame, pixels.words(), header.top() * width + header.left(), width);
  }

  /** The transparent colour of a palette, or its first; else black. */
  private static int background(ColorModel colors) {
    return colors instanceof IndexColorModel palette
        ? palette.getRGB(Math.max(0, palette.getTransparentPixel()))
        : OPAQUE_BLACK;
  }

  private static void write(BufferedImage picture, int[] words, int offset, int stride) {
    ColorModel colors = picture.getColorModel();
    int type = colors.getColorSpace().getType();
    int height = picture.getHeight();
    if (!(colors instanceof ComponentColorModel) || type == ColorSpace.TYPE_Lab) {
      picture.getRGB(0, 0, picture.getWidth(), height, words, offset, stride);
      for (int y = 0; y < height; y++) {
        for (int i = offset + y * stride; i < offset + y * stride + picture.getWidth(); i++) {
          words[i] <<= 8;
        }
      }
      return;
    }
    Rows rows = new Rows(picture.getRaster());
    for (int y = 0; y < height; y++) {
      rows.read(y);
      if (type == ColorSpace.TYPE_CMYK) {
        rows.writeCmyk(words, offset + y * stride);
      } else {
        rows.write(words, offset + y * stride);
      }
    }
  }

  /** The samples of a picture, row by row, in 8 bits. */
  private static final class Rows {
    private final Raster raster;
    private final int[][] bands;
    private final float[] reals;

    Rows(Raster raster) {
      this.raster = raster;
      this.bands = new int[Math.min(4, raster.getNumBands())][raster.getWidth()];
      this.reals = new float[raster.getWidth()];
    }

    void read(int y) {
      for (int band = 0; band < bands.length; band++) {
        int[] values = bands[band];
        int type = raster.getSampleModel().getDataType();
        if (type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE) {
          raster.getSamples(raster.getMinX(), y, values.length, 1, band, reals);
          for (int x = 0; x < values.length; x++) {
            values[x] = Math.round(255 * Math.max(0, Math.min(1, reals[x])));
          }
        } else {
          raster.getSamples(raster.getMinX(), y, values.length, 1, band, values);
          to8Bits(values, raster.getSampleModel().getSampleSize(band));
        }
      }
    }

    private static void to8Bits(int[] values, int bits) {
      for (int x = 0; x < values.length; x++) {
        values[x] =
            bits >= 8 ? (values[x] >>> (bits - 8)) & 0xFF : values[x] * 255 / ((1 << bits) - 1);
      }
    }

    void write(int[] words, int offset) {
      int[] red = bands[0];
      int[] green = bands.length < 3 ? red : bands[1];
      int[] blue = bands.length < 3 ? red : bands[2];
      for (int x = 0; x < red.length; x++) {
        words[offset + x] = Pixels.word(red[x], green[x], blue[x]);
      }
    }

    void writeCmyk(int[] words, int offset) {
      for (int x = 0; x < bands[0].length; x++) {
        int light = 255 - bands[3][x];
        words[offset + x] =
            Pixels.word(
                without(bands[0][x], light),
                without(bands[1][x], light),
                without(bands[2][x], light));
      }
    }

    /** What an ink leaves of the light. */
    private static int without(int ink, int light) {
      return light - (ink * light + 127) / 255;
    }
  }
}
