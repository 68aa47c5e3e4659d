package org.simclrspark.data.decode;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.global.leptonica;
import org.simclrspark.data.NativeFolder;
import org.simclrspark.data.NativeFolder.NativeFolderException;
import org.simclrspark.data.decode.ImageHeader.Kind;

/** Decodes JPEG, and PNG of 8 bits without alpha, with leptonica, which has libjpeg-turbo. */
final class NativeDecoder {
  private static final NativeFolderException LOAD_FAILURE = load();
  private static final byte[] END_OF_IMAGE = {(byte) 0xFF, (byte) 0xD9};
  private static final byte[] FILLER = filler();

  private BytePointer input = new BytePointer(1 << 18);
  private final IntPointer warnings = new IntPointer(1);
  private String repair;

  NativeDecoder() {
    if (LOAD_FAILURE != null) {
      throw LOAD_FAILURE;
    }
  }

  /**
   * Decodes an image.
   *
   * @param reduction 1, 2, 4 or 8: by how much a JPEG shrinks while it is decoded
   * @return what had to be overlooked, or null
   * @throws DamagedImageException if the decoder refuses, or pixels are missing
   */
  String decode(ImageHeader header, int reduction, Pixels pixels) throws DamagedImageException {
    repair = header.repair();
    NativeErrors.mute();
    PIX image = null;
    try {
      image =
          header.kind() == Kind.JPEG
              ? jpeg(header, reduction)
              : leptonica.pixReadMemPng(load(header.data()), header.data().length);
      if (image == null) {
        throw new DamagedImageException(
            header.repair() == null
                ? "the " + header.kind() + " is damaged: it cannot be decoded"
                : "the "
                    + header.kind()
                    + " is damaged: pixels are missing, and "
                    + header.repair());
      }
      image = toWords(image);
      pixels.resize(image.w(), image.h());
      image.data().get(pixels.words(), 0, image.w() * image.h());
      return repair;
    } finally {
      leptonica.pixDestroy(image);
      NativeErrors.unmute();
    }
  }

  private PIX jpeg(ImageHeader header, int reduction) throws DamagedImageException {
    PIX image = read(reduction, header.data(), END_OF_IMAGE);
    if (image == null || (warnings.get(0) == 0 && header.repair() == null)) {
      return image;
    }
    if (repair == null) {
      repair = "its data have errors";
    }
    int missing = firstMissingRow(header.data());
    if (missing < header.height()) {
      leptonica.pixDestroy(image);
      throw new DamagedImageException(
          "the JPEG is truncated: its pixels end near row " + missing + " of " + header.height());
    }
    return image;
  }

  /**
   * The first row whose pixels are not in the file: libjpeg makes up what is missing without a
   * word, so the data are read once more with something else behind them. Rows that are there stay
   * as they are.
   *
   * @return the height if all are there
   */
  private int firstMissingRow(byte[] file) throws DamagedImageException {
    byte[] data = Arrays.copyOf(file, JpegHeader.endOfScans(file, 2));
    PIX plain = read(1, data, END_OF_IMAGE);
    PIX filled = plain == null ? null : read(1, data, FILLER);
    try {
      if (filled == null) {
        return 0;
      }
      int width = plain.wpl();
      int[] expected = new int[width];
      int[] found = new int[width];
      for (int y = 0; y < plain.h(); y++) {
        plain.data().position((long) y * width).get(expected);
        filled.data().position((long) y * width).get(found);
        if (!Arrays.equals(expected, found)) {
          return y;
        }
      }
      return plain.h();
    } finally {
      leptonica.pixDestroy(plain);
      leptonica.pixDestroy(filled);
    }
  }

  private PIX read(int reduction, byte[] file, byte[] tail) {
    load(file, tail);
    warnings.put(0, 0);
    return leptonica.pixReadMemJpeg(
        input,
        file.length + tail.length,
        0,
        reduction,
        warnings,
        leptonica.L_JPEG_CONTINUE_WITH_BAD_DATA);
  }

  private BytePointer load(byte[] file, byte... tail) {
    int length = file.length + tail.length;
    if (input.capacity() < length) {
      long capacity = Math.max(length, 2L * input.capacity());
      input.deallocate();
      input = new BytePointer(capacity);
    }
    input.position(0).put(file, 0, file.length);
    input.position(file.length).put(tail, 0, tail.length);
    return input.position(0);
  }

  private static PIX toWords(PIX image) throws DamagedImageException {
    if (image.d() == 32) {
      return image;
    }
    PIX words = leptonica.pixConvertTo32(image);
    if (words == null) {
      throw new DamagedImageException(
          "an image of " + image.d() + " bits a pixel cannot be converted");
    }
    leptonica.pixDestroy(image);
    return words;
  }

  /** Bytes that are no marker, and the end marker. */
  private static byte[] filler() {
    SplittableRandom random = new SplittableRandom(1);
    byte[] filler = new byte[256];
    for (int i = 0; i < filler.length; i++) {
      filler[i] = (byte) random.nextInt(1, 255);
    }
    System.arraycopy(
        END_OF_IMAGE, 0, filler, filler.length - END_OF_IMAGE.length, END_OF_IMAGE.length);
    return filler;
  }

  private static NativeFolderException load() {
    try {
      NativeFolder.choose();
      leptonica.setMsgSeverity(leptonica.L_SEVERITY_NONE);
      return null;
    } catch (NativeFolderException e) {
      return e;
    } catch (LinkageError e) {
      return NativeFolder.failed(e);
    }
  }
}
