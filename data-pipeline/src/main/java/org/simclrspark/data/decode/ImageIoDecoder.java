package org.simclrspark.data.decode;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.zip.DataFormatException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.simclrspark.data.decode.ImageHeader.Kind;

/**
 * Decodes with Image I/O what the native decoder does not: PNG with a palette, alpha or 16 bits,
 * WebP, TIFF, BMP, GIF, PNM. Only the first picture of a file counts.
 */
final class ImageIoDecoder {

  static {
    ImageIO.setUseCache(false);
  }

  /**
   * Decodes an image.
   *
   * @param header of the image, whose size is within the limits
   * @throws DamagedImageException if the reader refuses
   */
  void decode(ImageHeader header, Pixels pixels) throws DamagedImageException {
    BufferedImage picture = read(header);
    if (picture.getWidth() == header.width() && picture.getHeight() == header.height()) {
      Pictures.copy(picture, pixels);
    } else {
      Pictures.copyFrame(picture, header, pixels);
    }
  }

  private static BufferedImage read(ImageHeader header) throws DamagedImageException {
    ImageReader reader = reader(header.kind());
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(header.data()))) {
      reader.setInput(input, true, true);
      return reader.read(0);
    } catch (IOException e) {
      throw new DamagedImageException("the " + header.kind() + " is damaged: " + reason(e), e);
    } catch (RuntimeException e) {
      // Readers throw all kinds of unchecked exceptions on damaged files.
      throw new DamagedImageException(
          "the " + header.kind() + " is damaged: its header and its data do not fit together", e);
    } finally {
      reader.dispose();
    }
  }

  /** What the reader says, in one line, if it says anything but where its own code failed. */
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause().getMessage() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof EOFException) {
      return "its data end too early";
    }
    boolean told = cause instanceof IOException || cause instanceof DataFormatException;
    String message = cause.getMessage();
    // libwebp's reader tells codes.
    return told && message != null && !message.isBlank() && !message.contains("returned code")
        ? "its reader says \"" + message.lines().findFirst().orElse("").strip() + "\""
        : "its header and its data do not fit together";
  }

  /** The JDK's reader, but for TIFF and JPEG, of which TwelveMonkeys' readers know more forms. */
  private static ImageReader reader(Kind kind) {
    boolean ofJdk = kind != Kind.TIFF && kind != Kind.JPEG;
    ImageReader last = null;
    Iterator<ImageReader> readers =
        ImageIO.getImageReadersByFormatName(kind.name().toLowerCase(Locale.ROOT));
    while (readers.hasNext()) {
      last = readers.next();
      if (ofJdk == (last.getClass().getModule() == ImageIO.class.getModule())) {
        return last;
      }
    }
    if (last == null) {
      throw new IllegalStateException("No reader of " + kind + " is on the class path");
    }
    return last;
  }
}
