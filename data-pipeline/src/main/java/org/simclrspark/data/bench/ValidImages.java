package org.simclrspark.data.bench;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** One picture in every format that is decoded, written by Image I/O. */
final class ValidImages {
  private static final int WIDTH = 61;
  private static final int HEIGHT = 44;

  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private ValidImages() {}

  /** Files by form, such as {@code jpeg-progressive}; the word before the dash is the format. */
  static Map<String, byte[]> all() throws IOException {
    ValidImages images = new ValidImages();
    BufferedImage rgb = SyntheticPhotos.photo(WIDTH, HEIGHT, 1);
    BufferedImage gray = converted(rgb, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage alpha = converted(rgb, BufferedImage.TYPE_4BYTE_ABGR);
    BufferedImage palette = converted(rgb, BufferedImage.TYPE_BYTE_INDEXED);
    BufferedImage bits = converted(rgb, BufferedImage.TYPE_BYTE_BINARY);
    images.add("jpeg", rgb, null, false);
    images.add("jpeg-gray", gray, null, false);
    images.add("jpeg-progressive", rgb, null, true);
    images.add("png-rgb", rgb, null, false);
    images.add("png-gray", gray, null, false);
    images.add("png-alpha", alpha, null, false);
    images.add("png-palette", palette, null, false);
    images.add("png-16", deep(rgb), null, false);
    images.add("png-bits", bits, null, false);
    images.add("png-interlaced", rgb, null, true);
    images.add("gif", palette, null, false);
    images.add("bmp-24", rgb, null, false);
    images.add("bmp-8", palette, null, false);
    images.add("bmp-runs", palette, "BI_RLE8", false);
    images.add("tiff", rgb, null, false);
    for (String compression : new String[] {"LZW", "Deflate", "PackBits", "JPEG"}) {
      images.add("tiff-" + compression.toLowerCase(Locale.ROOT), rgb, compression, false);
    }
    images.add("tiff-fax", bits, "CCITT T.6", false);
    images.add("tiff-16", deep(rgb), null, false);
    images.add("webp-lossy", rgb, "Lossy", false);
    images.add("webp-lossless", rgb, "Lossless", false);
    images.add("webp-alpha", alpha, "Lossy", false);
    images.add("pnm-gray", gray, null, false);
    images.add("pnm-rgb", rgb, null, false);
    return images.files;
  }

  private void add(String form, BufferedImage picture, String compression, boolean progressive)
      throws IOException {
    String format = form.replaceFirst("-.*", "");
    ImageWriter writer = writer(format);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (compression != null) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionType(compression);
      }
      if (progressive) {
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(output);
      writer.write(null, new IIOImage(picture, null, null), parameters);
    } finally {
      writer.dispose();
    }
    files.put(form, bytes.toByteArray());
  }

  /** The JDK's, which writes more forms; others for what it does not write. */
  private static ImageWriter writer(String format) {
    ImageWriter last = null;
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName(format);
    while (writers.hasNext()) {
      last = writers.next();
      if (last.getClass().getModule() == ImageIO.class.getModule()) {
        return last;
      }
    }
    return last;
  }

  private static BufferedImage converted(BufferedImage picture, int type) {
    BufferedImage result = new BufferedImage(WIDTH, HEIGHT, type);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      result.setRGB(i % WIDTH, i / WIDTH, picture.getRGB(i % WIDTH, i / WIDTH));
    }
    return result;
  }

  /** The same in 16 bits a channel. */
  private static BufferedImage deep(BufferedImage picture) {
    ComponentColorModel colors =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = colors.createCompatibleWritableRaster(WIDTH, HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      int value = picture.getRGB(i % WIDTH, i / WIDTH);
      for (int channel = 0; channel < 3; channel++) {
        raster.setSample(
            i % WIDTH, i / WIDTH, channel, 257 * ((value >> (16 - 8 * channel)) & 0xFF));
      }
    }
    return new BufferedImage(colors, raster, false, null);
  }
}
