package org.simclrspark.driver.step;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import org.simclrspark.worker.shard.RawFloats;
import scala.reflect.ClassTag;

/**
 * Writes {@link Slice}s to a shuffle, straight from the vectors that they are parts of. Java's own
 * serialization moves arrays a kilobyte at a time, a system call each where files are read.
 */
final class SliceSerializer extends Serializer implements Serializable {

  private static final long serialVersionUID = 1;

  /** What to do where a shuffle lacks something. */
  static final String REMEDY =
      "Check the disks under spark.local.dir and run again: training goes on from its last"
          + " checkpoint.";

  @Override
  public SerializerInstance newInstance() {
    return new OfStreams();
  }

  private static final class OfStreams extends SerializerInstance {

    @Override
    public SerializationStream serializeStream(OutputStream stream) {
      return new Writer(new DataOutputStream(stream));
    }

    @Override
    public DeserializationStream deserializeStream(InputStream stream) {
      return new Reader(new DataInputStream(stream));
    }

    @Override
    public <T> ByteBuffer serialize(T value, ClassTag<T> type) {
      throw new UnsupportedOperationException("Slices travel in streams");
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassTag<T> type) {
      throw new UnsupportedOperationException("Slices travel in streams");
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> type) {
      throw new UnsupportedOperationException("Slices travel in streams");
    }
  }

  private static final class Writer extends SerializationStream {

    private final DataOutputStream out;

    Writer(DataOutputStream out) {
      this.out = out;
    }

    /** Nothing: the slice holds its reducer. */
    @Override
    public <T> SerializationStream writeKey(T reducer, ClassTag<T> type) {
      return this;
    }

    @Override
    public <T> SerializationStream writeObject(T value, ClassTag<T> type) {
      Slice slice = (Slice) value;
      return undeclared(
          () -> {
            out.writeInt(slice.reducer());
            out.writeInt(slice.shard());
            out.writeInt(slice.offset());
            out.writeInt(slice.length());
            RawFloats.write(out, slice.values(), slice.from(), slice.length());
            return this;
          });
    }

    @Override
    public void flush() {
      undeclared(
          () -> {
            out.flush();
            return null;
          });
    }

    @Override
    public void close() {
      undeclared(
          () -> {
            out.close();
            return null;
          });
    }
  }

  private static final class Reader extends DeserializationStream {

    private final DataInputStream in;
    private Integer reducer;

    Reader(DataInputStream in) {
      this.in = in;
    }

    /** Throws EOFException behind the last slice, which ends Spark's iteration. */
    @Override
    @SuppressWarnings("unchecked")
    public <T> T readKey(ClassTag<T> type) {
      reducer = undeclared(in::readInt);
      return (T) reducer;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T readObject(ClassTag<T> type) {
      return (T) undeclared(this::readSlice);
    }

    private Slice readSlice() throws IOException {
      try {
        int shard = in.readInt();
        int offset = in.readInt();
        float[] values = new float[in.readInt()];
        RawFloats.read(in, values);
        return new Slice(reducer, shard, offset, values, 0, values.length);
      } catch (EOFException e) {
        // As an EOFException it would end the iteration as if nothing were missing.
        throw new IOException(
            "A slice for reducer "
                + reducer
                + " of a shard's gradient is cut short in Spark's shuffle. "
                + REMEDY,
            e);
      }
    }

    @Override
    public void close() {
      undeclared(
          () -> {
            in.close();
            return null;
          });
    }
  }

  private interface IoWork<T> {
    T run() throws IOException;
  }

  /** Spark's streams throw IOException as it is, which Scala need not declare and Java must. */
  private static <T> T undeclared(IoWork<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw SliceSerializer.<RuntimeException>unchecked(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> E unchecked(IOException e) throws E {
    throw (E) e;
  }
}
