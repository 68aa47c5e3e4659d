package org.simclrspark.data.decode;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.global.lept;
import org.simclrspark.data.DataException;
import org.simclrspark.data.decode.ImageHeader.Kind;

/** Decodes 8-bit gray and RGB images with leptonica, which has libjpeg-turbo. */
final class NativeDecoder {
  private static final LinkageError LOAD_ERROR = load();

  private BytePointer input = new BytePointer(1 << 18);
  private final IntPointer warnings = new IntPointer(1);

  NativeDecoder() {
    if (LOAD_ERROR != null) {
      throw new DataException(
          "Images need the native decoder, but it does not load on this machine: "
              + LOAD_ERROR.getMessage()
              + "; use Linux on x86-64",
          LOAD_ERROR);
    }
  }

  /**
   * Decodes an image.
   *
   * @param reduction 1, 2, 4 or 8: by how much a JPEG shrinks while it is decoded
   * @throws DamagedImageException if the decoder refuses or warns
   */
  void decode(byte[] file, ImageHeader header, int reduction, Pixels pixels)
      throws DamagedImageException {
    if (input.capacity() < file.length) {
      input.deallocate();
      input = new BytePointer(Math.max(file.length, 2L * input.capacity()));
    }
    input.put(file, 0, file.length);
    warnings.put(0, 0);
    PIX image =
        header.kind() == Kind.JPEG
            ? lept.pixReadMemJpeg(input, file.length, 0, reduction, warnings, 0)
            : lept.pixReadMemPng(input, file.length);
    if (image == null) {
      throw new DamagedImageException("the " + header.kind() + " cannot be decoded");
    }
    try {
      if (warnings.get(0) > 0) {
        throw new DamagedImageException(
            "the " + header.kind() + " is damaged: the decoder had to guess pixels");
      }
      image = toWords(image);
      copy(image, pixels);
    } finally {
      lept.pixDestroy(image);
    }
  }

  private static PIX toWords(PIX image) throws DamagedImageException {
    if (image.d() == 32) {
      return image;
    }
    PIX words = lept.pixConvertTo32(image);
    if (words == null) {
      throw new DamagedImageException(
          "an image of " + image.d() + " bits a pixel cannot be converted");
    }
    lept.pixDestroy(image);
    return words;
  }

  private static void copy(PIX image, Pixels pixels) {
    pixels.resize(image.w(), image.h());
    image.data().get(pixels.words(), 0, image.w() * image.h());
  }

  private static LinkageError load() {
    try {
      lept.setMsgSeverity(lept.L_SEVERITY_NONE);
      return null;
    } catch (LinkageError e) {
      return e;
    }
  }
}
