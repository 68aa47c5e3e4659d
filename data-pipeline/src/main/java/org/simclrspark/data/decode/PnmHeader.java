package org.simclrspark.data.decode;

import org.simclrspark.data.decode.ImageHeader.Kind;

/** Reads the header of a PBM, PGM or PPM, as text or binary (the pnm page of Netpbm). */
final class PnmHeader {
  private final Bytes bytes;
  private int at = 2;

  private PnmHeader(Bytes bytes) {
    this.bytes = bytes;
  }

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    return new PnmHeader(new Bytes(file)).parse();
  }

  private ImageHeader parse() throws DamagedImageException {
    char type = (char) bytes.u8(1);
    long width = number();
    long height = number();
    boolean bits = type == '1' || type == '4';
    long greatest = bits ? 1 : number();
    if (greatest < 1 || greatest > 65_535) {
      throw new DamagedImageException("the PNM says its greatest value is " + greatest);
    }
    ImageHeader header = ImageHeader.of(Kind.PNM, width, height, bytes.bytes());
    int channels = type == '3' || type == '6' ? 3 : 1;
    long row =
        switch (type) {
          case '4' -> (width + 7) / 8;
          case '5', '6' -> width * channels * (greatest > 255 ? 2 : 1);
          // A digit for each bit; a digit and a space for each other value, but for the last one.
          case '1' -> width;
          default -> 2 * width * channels;
        };
    long found = Math.max(0, bytes.length() - at - 1L);
    if (row > (found + 1) / height) {
      throw new DamagedImageException(
          "the PNM is truncated: it says it is "
              + width
              + " x "
              + height
              + " pixels, but only "
              + found
              + " bytes are there");
    }
    return header;
  }

  /** The next number, after white space and comments. */
  private long number() throws DamagedImageException {
    while (Character.isWhitespace(bytes.u8(at)) || bytes.u8(at) == '#') {
      if (bytes.u8(at) == '#') {
        while (bytes.u8(at) != '\n' && bytes.u8(at) != '\r') {
          at++;
        }
      }
      at++;
    }
    long number = 0;
    int start = at;
    while (bytes.u8(at) >= '0' && bytes.u8(at) <= '9' && at - start < 10) {
      number = 10 * number + bytes.u8(at) - '0';
      at++;
    }
    if (at == start) {
      throw new DamagedImageException("the PNM has no number at byte " + at);
    }
    return number;
  }
}
