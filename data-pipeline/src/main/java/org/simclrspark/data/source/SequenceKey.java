package org.simclrspark.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.DataInputBuffer;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;

/** Keys of a SequenceFile, and the names of images in them. */
final class SequenceKey {
  private final Writable key;

  /**
   * Makes a key without loading a class.
   *
   * @param keyClass as in {@link SequenceHeader#keyClass}
   */
  SequenceKey(String keyClass) {
    key =
        switch (keyClass.substring(keyClass.lastIndexOf('.') + 1)) {
          case "Text" -> new Text();
          case "LongWritable" -> new LongWritable();
          case "IntWritable" -> new IntWritable();
          case "BytesWritable" -> new BytesWritable();
          default -> NullWritable.get();
        };
  }

  Writable writable() {
    return key;
  }

  void read(byte[] bytes) throws IOException {
    DataInputBuffer buffer = new DataInputBuffer();
    buffer.reset(bytes, bytes.length);
    key.readFields(buffer);
  }

  /**
   * The name of an image.
   *
   * @param number of its record, the name of those without one
   * @throws IOException if the text is not UTF-8 or leads out of the archive
   */
  String name(long number) throws IOException {
    if (key instanceof Text text) {
      byte[] bytes = Arrays.copyOf(text.getBytes(), text.getLength());
      return MemberNames.plain(Utf8.text(bytes, "the key of its record " + number));
    }
    if (key instanceof BytesWritable bytes) {
      return HexFormat.of().formatHex(bytes.copyBytes());
    }
    return key instanceof NullWritable ? Long.toString(number) : key.toString();
  }
}
