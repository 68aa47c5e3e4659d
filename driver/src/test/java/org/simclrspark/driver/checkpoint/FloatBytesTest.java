package org.simclrspark.driver.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatBytesTest {

  /** Worked out with {@code printf '\0\0\x80\x3f\0\0\0\xc0' | sha256sum}. */
  private static final String SUM_OF_ONE_AND_MINUS_TWO =
      "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b";

  @Test
  void sumsTheLittleEndianBytes() {
    assertThat(FloatBytes.sha256(new float[] {1, -2})).isEqualTo(SUM_OF_ONE_AND_MINUS_TWO);
  }

  @Test
  void sumOfNothingIsThatOfTheEmptyString() {
    assertThat(FloatBytes.sha256(new float[0]))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void keepsEveryBitAcrossChunks() throws IOException {
    int length = (1 << 18) + 3;
    Random random = new Random(5);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FloatBytes.write(values, out);
    float[] read = new float[length];
    FloatBytes.read(new ByteArrayInputStream(out.toByteArray()), read);
    assertThat(out.size()).isEqualTo(4 * length);
    for (int i = 0; i < length; i++) {
      assertThat(Float.floatToRawIntBits(read[i])).isEqualTo(Float.floatToRawIntBits(values[i]));
    }
  }

  @Test
  void refusesAStreamThatEndsEarly() {
    assertThatThrownBy(() -> FloatBytes.read(new ByteArrayInputStream(new byte[7]), new float[2]))
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("2 values");
  }
}
