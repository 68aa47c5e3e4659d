package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.util.ReflectionUtils;

/**
 * Hadoop SequenceFiles: the key is the image's name (Text, or a number), the value its file
 * (BytesWritable). The first folder of a name, if it has one, is the class.
 */
public final class SequenceSource extends ShardSource {

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a file, a directory of them or a glob, on any Hadoop file system
   */
  public SequenceSource(String path) {
    super(path, "sequence", "", Entries::new);
  }

  private static final class Entries implements Reader {
    private final SequenceFile.Reader reader;
    private final Writable key;
    private final BytesWritable value = new BytesWritable();

    Entries(Path file, Configuration configuration) throws IOException {
      reader = new SequenceFile.Reader(configuration, SequenceFile.Reader.file(file));
      if (reader.getValueClass() != BytesWritable.class
          || !Writable.class.isAssignableFrom(reader.getKeyClass())) {
        reader.close();
        throw new IOException(
            "its entries must be Writable to BytesWritable, found "
                + reader.getKeyClassName()
                + " to "
                + reader.getValueClassName());
      }
      key = (Writable) ReflectionUtils.newInstance(reader.getKeyClass(), configuration);
    }

    @Override
    public Stored next(boolean withBytes) throws IOException {
      if (!reader.next(key)) {
        return null;
      }
      if (withBytes) {
        reader.getCurrentValue(value);
      }
      return new Stored(key.toString(), -1, withBytes ? value.copyBytes() : null);
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
