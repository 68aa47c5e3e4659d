package org.simclrspark.data.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.simclrspark.data.decode.ImageHeader.Kind;

/**
 * Reads the first directory of a TIFF (TIFF 6.0, section 2). The decoder gets a file whose only
 * directory is the first one, with the tags that make pixels and no others.
 */
final class TiffHeader {
  private static final int ENTRY = 12;
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int OFFSETS = 273;
  private static final int ORIENTATION = 274;
  private static final int CHANNELS = 277;
  private static final int LENGTHS = 279;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_LENGTHS = 325;

  /** And photometric interpretation, fill order, planes, predictor, colours, JPEG tables, YCbCr. */
  private static final Set<Integer> PIXEL_TAGS =
      Set.of(
          WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          262,
          266,
          OFFSETS,
          CHANNELS,
          278,
          LENGTHS,
          284,
          292,
          293,
          317,
          320,
          TILE_WIDTH,
          TILE_HEIGHT,
          TILE_OFFSETS,
          TILE_LENGTHS,
          332,
          338,
          339,
          347,
          512,
          513,
          514,
          515,
          517,
          518,
          519,
          520,
          521,
          529,
          530,
          531,
          532);

  private static final int JPEG = 7;

  /** By how much a tile may be larger than the picture. */
  private static final int LARGEST_FILL = 2048;

  /**
   * Sixteen bits of four channels; more would take memory that the limit of pixels does not say.
   */
  private static final long MOST_BITS = 64;

  private final Bytes bytes;
  private final ByteBuffer cleaned;
  private final long directory;
  private final Map<Integer, Long> entries = new HashMap<>();

  private TiffHeader(byte[] file) {
    this.bytes = new Bytes(file, file[0] == 'I');
    this.cleaned =
        ByteBuffer.wrap(file.clone())
            .order(bytes.littleEndian() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    this.directory = bytes.u32(4);
  }

  static ImageHeader parse(byte[] file) throws DamagedImageException {
    return new TiffHeader(file).parse();
  }

  private ImageHeader parse() throws DamagedImageException {
    long kept = 0;
    int count = bytes.u16(directory);
    // The last one must be there before any is changed.
    bytes.u8(directory + 1 + (long) ENTRY * count);
    for (int i = 0; i < count; i++) {
      long entry = directory + 2 + (long) ENTRY * i;
      int tag = bytes.u16(entry);
      boolean pixels = PIXEL_TAGS.contains(tag);
      if (pixels || tag == ORIENTATION) {
        checkValues(entry);
        entries.putIfAbsent(tag, entry);
      }
      if (pixels) {
        long target = directory + 2 + ENTRY * kept++;
        cleaned.put((int) target, bytes.bytes(), (int) entry, ENTRY);
      }
    }
    cleaned.putShort((int) directory, (short) kept);
    long end = directory + 2 + ENTRY * kept;
    if (end + 4 <= bytes.length()) {
      cleaned.putInt((int) end, 0);
    }
    checkMemory();
    checkPieces(OFFSETS, LENGTHS);
    checkPieces(TILE_OFFSETS, TILE_LENGTHS);
    return ImageHeader.of(Kind.TIFF, first(WIDTH, 0), first(HEIGHT, 0), cleaned.array())
        .oriented(Exif.checked(first(ORIENTATION, 1)));
  }

  /** A tag's values must lie within the file. */
  private void checkValues(long entry) throws DamagedImageException {
    int type = bytes.u16(entry + 2);
    long size = type < TYPE_BYTES.length ? TYPE_BYTES[type] * bytes.u32(entry + 4) : Long.MAX_VALUE;
    if (size == Long.MAX_VALUE || (size > 4 && bytes.u32(entry + 8) + size > bytes.length())) {
      throw new DamagedImageException(
          "the TIFF has a damaged directory: the values of tag "
              + bytes.u16(entry)
              + " lie outside the file");
    }
  }

  private void checkMemory() throws DamagedImageException {
    long bits = first(BITS, 1) * first(CHANNELS, 1);
    if (bits < 1 || bits > MOST_BITS) {
      throw new DamagedImageException(
          "the TIFF has " + bits + " bits a pixel; at most " + MOST_BITS + " can be read");
    }
    checkPart(first(TILE_WIDTH, 1), first(TILE_HEIGHT, 1));
  }

  /** Strips or tiles must lie within the file. */
  private void checkPieces(int offsets, int lengths) throws DamagedImageException {
    long count = Math.min(count(offsets), count(lengths));
    boolean jpeg = first(COMPRESSION, 1) == JPEG;
    for (long i = 0; i < count; i++) {
      long from = value(offsets, i);
      long to = from + value(lengths, i);
      if (to > bytes.length()) {
        throw new DamagedImageException(
            "the TIFF is truncated: piece " + (i + 1) + " of " + count + " lies outside the file");
      }
      if (jpeg) {
        checkJpeg(Arrays.copyOfRange(bytes.bytes(), (int) from, (int) to));
      }
    }
  }

  /** A JPEG within must not be larger than the picture, but for what fills its last blocks. */
  private void checkJpeg(byte[] piece) throws DamagedImageException {
    ImageHeader header = JpegHeader.parse(piece);
    checkPart(header.width(), header.height());
  }

  private void checkPart(long width, long height) throws DamagedImageException {
    if (width > first(WIDTH, 0) + LARGEST_FILL || height > first(HEIGHT, 0) + LARGEST_FILL) {
      throw new DamagedImageException(
          "the TIFF says it has parts of " + width + " x " + height + " pixels");
    }
  }

  private long first(int tag, long otherwise) {
    return count(tag) > 0 ? value(tag, 0) : otherwise;
  }

  private long count(int tag) {
    Long entry = entries.get(tag);
    return entry == null ? 0 : bytes.u32(entry + 4);
  }

  /** A whole number among a tag's values. */
  private long value(int tag, long index) {
    long entry = entries.get(tag);
    int size = TYPE_BYTES[bytes.u16(entry + 2)];
    long from = size * bytes.u32(entry + 4) > 4 ? bytes.u32(entry + 8) : entry + 8;
    long at = from + size * index;
    return switch (size) {
      case 1 -> bytes.u8(at);
      case 2 -> bytes.u16(at);
      default -> bytes.u32(at);
    };
  }
}
