package org.simclrspark.data.decode;

import org.simclrspark.data.decode.ImageHeader.Kind;

/** Walks the segments of a JPEG up to its first scan (ITU-T T.81, annex B). */
final class JpegHeader {
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int APP1 = 0xE1;

  /** Enough for every encoder; thousands on a large picture keep a decoder busy for hours. */
  private static final int MOST_SCANS = 500;

  /** Huffman codes take at least a bit for a block of 64 pixels; arithmetic codes can take less. */
  private static final long MOST_PIXELS_IN_BYTE = 8 * 64 * 16;

  private JpegHeader() {}

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    Bytes bytes = new Bytes(file);
    int orientation = 0;
    int frame = 0;
    int at = 2;
    while (true) {
      at = nextMarker(bytes, at);
      int marker = bytes.u8(at + 1);
      if (marker == END_OF_IMAGE) {
        throw new DamagedImageException("the JPEG has no pixels");
      }
      if (isAlone(marker)) {
        at += 2;
        continue;
      }
      int length = bytes.u16(at + 2);
      if (length < 2 || at + 2 + length > file.length) {
        throw new DamagedImageException("the JPEG is truncated: it ends within its header");
      }
      if (marker == START_OF_SCAN) {
        return header(bytes, frame, orientation, at);
      }
      if (isFrame(marker) && frame == 0) {
        frame = at;
      }
      if (marker == APP1 && orientation == 0 && bytes.hasText(at + 4, "Exif\0")) {
        orientation = Exif.orientation(file, at + 4, at + 2 + length);
      }
      at += 2 + length;
    }
  }

  /**
   * Where the last scan's data end: at the end marker, at a segment that the end of the file cuts,
   * or at the end of the file.
   *
   * @param from a byte in or before the first scan
   */
  static int endOfScans(byte[] file, int from) {
    int at = from;
    while (at + 1 < file.length) {
      int marker = file[at + 1] & 0xFF;
      if (file[at] != (byte) 0xFF || marker == 0 || marker == 0xFF) {
        at++;
      } else if (marker == END_OF_IMAGE) {
        return at;
      } else if (isAlone(marker)) {
        at += 2;
      } else {
        int length = at + 3 < file.length ? new Bytes(file).u16(at + 2) : Integer.MAX_VALUE;
        if (length > file.length - at - 2) {
          return at;
        }
        at += 2 + length;
      }
    }
    return file.length;
  }

  /** The next 0xFF that starts a marker; extraneous bytes before it are passed over. */
  private static int nextMarker(Bytes bytes, int from) throws DamagedImageException {
    for (int at = from; at + 1 < bytes.length(); at++) {
      if (bytes.u8(at) == 0xFF && bytes.u8(at + 1) != 0 && bytes.u8(at + 1) != 0xFF) {
        return at;
      }
    }
    throw new DamagedImageException("the JPEG is truncated: it ends within its header");
  }

  private static boolean isAlone(int marker) {
    return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
  }

  /** SOF0 to SOF15, without the tables DHT, JPG and DAC between them. */
  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  private static ImageHeader header(Bytes bytes, int frame, int orientation, int scan)
      throws DamagedImageException {
    if (frame == 0 || bytes.u16(frame + 2) < 8) {
      throw new DamagedImageException("the JPEG has no frame header");
    }
    int marker = bytes.u8(frame + 1);
    int precision = bytes.u8(frame + 4);
    int components = bytes.u8(frame + 9);
    boolean progressive = marker == 0xC2 || marker == 0xCA;
    if (progressive && scans(bytes, scan) > MOST_SCANS) {
      throw new DamagedImageException("the JPEG has more than " + MOST_SCANS + " scans");
    }
    boolean known = marker <= 0xC2 || marker == 0xC9 || progressive;
    boolean simple =
        known && precision == 8 && (components == 1 || components == 3 || components == 4);
    ImageHeader header =
        ImageHeader.of(Kind.JPEG, bytes.u16(frame + 7), bytes.u16(frame + 5), bytes.bytes());
    if ((long) header.width() * header.height() > MOST_PIXELS_IN_BYTE * bytes.length()) {
      throw new DamagedImageException(
          "the JPEG is truncated: it says it is "
              + header.width()
              + " x "
              + header.height()
              + " pixels, more than "
              + bytes.length()
              + " bytes can hold");
    }
    return header
        .oriented(Math.max(1, orientation))
        .simple(simple)
        .repaired(hasEnd(bytes, scan) ? null : "its end marker is missing");
  }

  private static int scans(Bytes bytes, int from) {
    int scans = 0;
    for (int at = from; at + 1 < bytes.length(); at++) {
      if (bytes.u8(at) == 0xFF && bytes.u8(at + 1) == START_OF_SCAN) {
        scans++;
      }
    }
    return scans;
  }

  /** Whether EOI stands behind the frame header; writers may leave other data after it. */
  private static boolean hasEnd(Bytes bytes, int from) {
    for (int at = bytes.length() - 2; at > from; at--) {
      if (bytes.u16(at) == 0xFFD9) {
        return true;
      }
    }
    return false;
  }
}
