package org.simclrspark.driver.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.serializer.SerializationStream;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.shard.RawFloats;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;

class SliceSerializerTest {

  private static final float[] VECTOR = {1, -0.0f, Float.NaN, Float.MIN_VALUE, 5, 6, 7};

  @Test
  void writesPartsOfAVectorAndReadsThemAlone() {
    List<Slice> slices = read(written());

    assertThat(slices).hasSize(2);
    assertThat(slices.get(0).reducer()).isEqualTo(4);
    assertThat(slices.get(0).shard()).isEqualTo(9);
    assertThat(slices.get(0).offset()).isEqualTo(100);
    assertThat(bits(slices.get(0))).isEqualTo(RawFloats.toBytes(VECTOR, 0, 3));
    assertThat(slices.get(1).reducer()).isEqualTo(5);
    assertThat(bits(slices.get(1))).isEqualTo(RawFloats.toBytes(VECTOR, 3, 4));
  }

  @Test
  void refusesASliceThatIsCutShort() {
    byte[] all = written();
    int header = 4 * Integer.BYTES;
    for (int length = header; length < header + 3 * Float.BYTES; length++) {
      byte[] cut = Arrays.copyOf(all, length);
      assertThatThrownBy(() -> read(cut))
          .isExactlyInstanceOf(IOException.class)
          .hasMessageContaining("slice for reducer 4")
          .hasMessageContaining("cut short");
    }
  }

  private static byte[] written() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SerializationStream stream = new SliceSerializer().newInstance().serializeStream(bytes);
    write(stream, new Slice(4, 9, 100, VECTOR, 0, 3));
    write(stream, new Slice(5, 9, 103, VECTOR, 3, 7));
    stream.close();
    return bytes.toByteArray();
  }

  private static void write(SerializationStream stream, Slice slice) {
    stream.writeKey(slice.reducer(), ClassTag.apply(Integer.class));
    stream.writeValue(slice, ClassTag.apply(Slice.class));
  }

  private static List<Slice> read(byte[] bytes) {
    Iterator<Tuple2<Object, Object>> pairs =
        new SliceSerializer()
            .newInstance()
            .deserializeStream(new ByteArrayInputStream(bytes))
            .asKeyValueIterator();
    List<Slice> slices = new ArrayList<>();
    while (pairs.hasNext()) {
      Tuple2<Object, Object> pair = pairs.next();
      Slice slice = (Slice) pair._2();
      assertThat(pair._1()).isEqualTo(slice.reducer());
      slices.add(slice);
    }
    return slices;
  }

  private static byte[] bits(Slice slice) {
    assertThat(slice.from()).isZero();
    assertThat(slice.values()).hasSize(slice.length());
    return RawFloats.toBytes(slice.values(), 0, slice.length());
  }
}
