package org.simclrspark.data.source;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.apache.hadoop.io.Text;

/**
 * The header of a SequenceFile, read before Hadoop sees it: Hadoop loads whatever classes it names.
 *
 * @param keyClass one of {@link #KEYS}
 * @param compression of the values, in words; null without one
 * @param sync the mark that stands between records
 */
record SequenceHeader(String keyClass, String compression, byte[] sync) {
  static final int SYNC_BYTES = 16;
  private static final String PACKAGE = "org.apache.hadoop.io.";
  private static final Set<String> KEYS =
      Set.of("Text", "LongWritable", "IntWritable", "NullWritable", "BytesWritable");
  private static final Set<String> CODECS =
      Set.of(
          "DefaultCodec",
          "DeflateCodec",
          "GzipCodec",
          "BZip2Codec",
          "Lz4Codec",
          "SnappyCodec",
          "ZStandardCodec");
  private static final byte VERSION = 6;
  private static final int LONGEST_NAME = 1 << 10;
  private static final int MOST_METADATA = 1 << 10;
  private static final int LONGEST_METADATA = 1 << 16;

  /**
   * Reads the header at the beginning of a stream.
   *
   * @throws IOException if it is none, or names classes that hold no images
   */
  static SequenceHeader read(DataInputStream input) throws IOException {
    byte[] start = input.readNBytes(4);
    if (start.length < 4 || start[0] != 'S' || start[1] != 'E' || start[2] != 'Q') {
      throw new IOException("it does not begin with SEQ, as SequenceFiles do");
    }
    if (start[3] != VERSION) {
      throw new IOException(
          "a SequenceFile must be of version "
              + VERSION
              + ", found "
              + start[3]
              + "; write it anew");
    }
    String key = Text.readString(input, LONGEST_NAME);
    String value = Text.readString(input, LONGEST_NAME);
    if (!isOurs(key, PACKAGE, KEYS) || !value.equals(PACKAGE + "BytesWritable")) {
      throw new IOException(
          "its keys must be Text, LongWritable, IntWritable, NullWritable or BytesWritable, and its"
              + " values BytesWritable, found "
              + key
              + " and "
              + value);
    }
    boolean isCompressed = input.readBoolean();
    boolean isBlockCompressed = input.readBoolean();
    if (isCompressed || isBlockCompressed) {
      String codec = Text.readString(input, LONGEST_NAME);
      if (!isOurs(codec, PACKAGE + "compress.", CODECS)) {
        throw new IOException("it must be compressed with a codec of Hadoop's, found " + codec);
      }
    }
    skipMetadata(input);
    byte[] sync = new byte[SYNC_BYTES];
    input.readFully(sync);
    return new SequenceHeader(
        key,
        isBlockCompressed
            ? "its blocks are compressed"
            : isCompressed ? "its records are compressed" : null,
        sync);
  }

  private static boolean isOurs(String name, String prefix, Set<String> names) {
    return name.startsWith(prefix) && names.contains(name.substring(prefix.length()));
  }

  private static void skipMetadata(DataInputStream input) throws IOException {
    int entries = input.readInt();
    if (entries < 0 || entries > MOST_METADATA) {
      throw new IOException("its header is damaged: it has " + entries + " entries of metadata");
    }
    for (int i = 0; i < 2 * entries; i++) {
      Text.readString(input, LONGEST_METADATA);
    }
  }

  /** Whether bytes are the mark between records. */
  boolean isSync(byte[] bytes) {
    return Arrays.equals(sync, bytes);
  }
}
