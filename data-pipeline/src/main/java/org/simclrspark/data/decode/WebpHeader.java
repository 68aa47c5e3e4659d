package org.simclrspark.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.simclrspark.data.decode.ImageHeader.Kind;

/**
 * Walks the chunks of a WebP (RFC 9649, section 2). The decoder gets a file with one picture and
 * nothing else; of an animation, its first frame.
 */
final class WebpHeader {
  private static final int SIGNATURE = 12;
  private static final int CHUNK = 8;
  private static final int FRAME = 16;
  private static final int ALPHA_FLAG = 0x10;

  private final Bytes bytes;
  private long canvasWidth;
  private long canvasHeight;
  private int left;
  private int top;
  private int orientation = 1;
  private long alpha = -1;
  private long picture = -1;

  private WebpHeader(byte[] file) {
    this.bytes = new Bytes(file, true);
  }

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    WebpHeader header = new WebpHeader(file);
    header.walk(SIGNATURE, file.length);
    return header.header();
  }

  private void walk(long from, long to) throws DamagedImageException {
    long at = from;
    while (at + CHUNK <= to) {
      long length = bytes.u32(at + 4);
      if (length > to - at - CHUNK) {
        if (picture >= 0) {
          return;
        }
        throw new DamagedImageException("the WebP is truncated: its picture ends too early");
      }
      chunk(at, length);
      at += CHUNK + length + (length & 1);
    }
  }

  private void chunk(long at, long length) throws DamagedImageException {
    long content = at + CHUNK;
    if (bytes.hasText(at, "VP8X")) {
      canvasWidth = 1L + bytes.u24(content + 4);
      canvasHeight = 1L + bytes.u24(content + 7);
    } else if (bytes.hasText(at, "ANMF") && picture < 0 && length > FRAME) {
      left = 2 * bytes.u24(content);
      top = 2 * bytes.u24(content + 3);
      alpha = -1;
      walk(content + FRAME, content + length);
    } else if (bytes.hasText(at, "ALPH") && picture < 0) {
      alpha = at;
    } else if ((bytes.hasText(at, "VP8 ") || bytes.hasText(at, "VP8L")) && picture < 0) {
      picture = at;
    } else if (bytes.hasText(at, "EXIF")) {
      orientation =
          Exif.orientation(bytes.bytes(), (int) content, Math.toIntExact(content + length));
    }
  }

  private ImageHeader header() throws DamagedImageException {
    if (picture < 0) {
      throw new DamagedImageException("the WebP has no picture");
    }
    boolean lossless = bytes.hasText(picture, "VP8L");
    long content = picture + CHUNK;
    long sizes = lossless ? bytes.u32(content + 1) : bytes.u32(content + 6);
    long width = lossless ? 1 + (sizes & 0x3FFF) : sizes & 0x3FFF;
    long height = lossless ? 1 + ((sizes >> 14) & 0x3FFF) : (sizes >> 16) & 0x3FFF;
    return ImageHeader.of(
            Kind.WEBP,
            Math.max(canvasWidth, left + width),
            Math.max(canvasHeight, top + height),
            single(width, height, lossless))
        .oriented(orientation)
        .framed(left, top);
  }

  /** The picture, and its alpha if that is in a chunk of its own, as a file. */
  private byte[] single(long width, long height, boolean lossless) {
    boolean extended = alpha >= 0 && !lossless;
    int size = 4 + (extended ? CHUNK + 10 + size(alpha) : 0) + size(picture);
    ByteBuffer out = ByteBuffer.allocate(CHUNK + size).order(ByteOrder.LITTLE_ENDIAN);
    out.put(text("RIFF")).putInt(size).put(text("WEBP"));
    if (extended) {
      out.put(text("VP8X")).putInt(10).putInt(ALPHA_FLAG);
      out.putShort((short) (width - 1)).put((byte) ((width - 1) >> 16));
      out.putShort((short) (height - 1)).put((byte) ((height - 1) >> 16));
      put(alpha, out);
    }
    put(picture, out);
    return out.array();
  }

  /** Bytes of a chunk, padded to an even number. */
  private int size(long chunk) {
    long length = bytes.u32(chunk + 4);
    return (int) (CHUNK + length + (length & 1));
  }

  private void put(long chunk, ByteBuffer out) {
    int length = (int) (CHUNK + bytes.u32(chunk + 4));
    out.put(bytes.bytes(), (int) chunk, length);
    if ((length & 1) == 1) {
      out.put((byte) 0);
    }
  }

  private static byte[] text(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }
}
