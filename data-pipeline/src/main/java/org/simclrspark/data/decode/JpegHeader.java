package org.simclrspark.data.decode;

import static org.simclrspark.data.decode.ImageHeader.u16;
import static org.simclrspark.data.decode.ImageHeader.u8;

import org.simclrspark.data.decode.ImageHeader.Kind;

/** Walks the segments of a JPEG up to its frame header (ITU-T T.81, annex B). */
final class JpegHeader {
  private JpegHeader() {}

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    int orientation = 1;
    int at = 2;
    while (at + 4 <= file.length) {
      if (u8(file, at) != 0xFF) {
        throw new DamagedImageException("the JPEG has no marker at byte " + at);
      }
      int marker = u8(file, at + 1);
      if (marker == 0xFF) {
        at++;
        continue;
      }
      if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
        at += 2;
        continue;
      }
      int length = u16(file, at + 2);
      if (length < 2 || at + 2 + length > file.length) {
        throw new DamagedImageException("the JPEG ends within its header");
      }
      if (isFrame(marker)) {
        return frame(file, at, marker, length, orientation);
      }
      if (marker == 0xD9 || marker == 0xDA) {
        break;
      }
      if (marker == 0xE1) {
        orientation = Exif.orientation(file, at + 4, length - 2, orientation);
      }
      at += 2 + length;
    }
    throw new DamagedImageException("the JPEG has no frame header");
  }

  /** SOF0 to SOF15, without the tables DHT, JPG and DAC between them. */
  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  private static ImageHeader frame(byte[] file, int at, int marker, int length, int orientation)
      throws DamagedImageException {
    if (length < 8) {
      throw new DamagedImageException("the JPEG has a damaged frame header");
    }
    int precision = u8(file, at + 4);
    int height = u16(file, at + 5);
    int width = u16(file, at + 7);
    int components = u8(file, at + 9);
    if (width == 0 || height == 0) {
      throw new DamagedImageException("the JPEG says it is " + width + " x " + height + " pixels");
    }
    if (!hasEnd(file, at)) {
      throw new DamagedImageException("the JPEG is truncated: its end marker is missing");
    }
    boolean huffman = marker <= 0xC2;
    boolean simple = huffman && precision == 8 && (components == 1 || components == 3);
    return new ImageHeader(Kind.JPEG, width, height, orientation, simple);
  }

  /** Whether EOI stands behind the frame header; writers may leave other data after it. */
  private static boolean hasEnd(byte[] file, int frame) {
    for (int at = file.length - 2; at > frame; at--) {
      if (u16(file, at) == 0xFFD9) {
        return true;
      }
    }
    return false;
  }
}
