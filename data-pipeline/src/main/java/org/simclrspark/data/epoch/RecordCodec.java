package org.simclrspark.data.epoch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;

/**
 * The form of an image in the shuffle: one byte array, small and cheap under every Spark serializer
 * (Kryo cannot read Java records). Layout: id, label, encoding, length of the name, name, bytes.
 */
final class RecordCodec {
  private static final int HEADER = Long.BYTES + Integer.BYTES + 1 + Integer.BYTES;
  private static final Encoding[] ENCODINGS = Encoding.values();

  private RecordCodec() {}

  static byte[] encode(ImageRecord image) {
    byte[] name = image.name().getBytes(UTF_8);
    byte[] bytes = image.bytes();
    return ByteBuffer.allocate(HEADER + name.length + bytes.length)
        .putLong(image.id())
        .putInt(image.label())
        .put((byte) image.encoding().ordinal())
        .putInt(name.length)
        .put(name)
        .put(bytes)
        .array();
  }

  static ImageRecord decode(byte[] encoded) {
    ByteBuffer buffer = ByteBuffer.wrap(encoded);
    long id = buffer.getLong();
    int label = buffer.getInt();
    Encoding encoding = ENCODINGS[buffer.get()];
    byte[] name = new byte[buffer.getInt()];
    buffer.get(name);
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return new ImageRecord(id, label, new String(name, UTF_8), encoding, bytes);
  }
}
