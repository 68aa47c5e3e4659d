package org.simclrspark.data.bench;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures with the spectrum of photographs: noise in octaves whose amplitude falls with the
 * frequency. As JPEG they are about as large as photographs of the same size.
 */
public final class SyntheticPhotos {
  private static final int COARSEST = 256;
  private static final double AMPLITUDE = 45;
  private static final double DECAY = 0.78;

  private SyntheticPhotos() {}

  /** A picture, the same for the same seed. */
  public static BufferedImage photo(int width, int height, long seed) {
    Random random = new Random(seed);
    double[][] values = new double[3][width * height];
    double amplitude = AMPLITUDE;
    for (int step = COARSEST; step >= 1; step /= 2) {
      addOctave(values, width, height, step, amplitude, random);
      amplitude *= DECAY;
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      int rgb = 0;
      for (double[] channel : values) {
        rgb = rgb << 8 | (int) Math.max(0, Math.min(255, 110 + channel[i]));
      }
      image.setRGB(i % width, i / width, rgb);
    }
    return image;
  }

  /**
   * A picture as JPEG.
   *
   * @param quality 0 to 1
   */
  public static byte[] jpeg(BufferedImage image, float quality) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.setOutput(output);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static void addOctave(
      double[][] values, int width, int height, int step, double amplitude, Random random) {
    int columns = width / step + 2;
    int rows = height / step + 2;
    double[][] grid = new double[3][columns * rows];
    for (int i = 0; i < columns * rows; i++) {
      double light = random.nextGaussian();
      for (double[] channel : grid) {
        channel[i] = amplitude * (light + 0.4 * random.nextGaussian());
      }
    }
    for (int y = 0; y < height; y++) {
      double down = y % step / (double) step;
      for (int x = 0; x < width; x++) {
        double right = x % step / (double) step;
        int at = y / step * columns + x / step;
        for (int channel = 0; channel < 3; channel++) {
          double[] g = grid[channel];
          double top = g[at] * (1 - right) + g[at + 1] * right;
          double bottom = g[at + columns] * (1 - right) + g[at + columns + 1] * right;
          values[channel][y * width + x] += top * (1 - down) + bottom * down;
        }
      }
    }
  }
}
