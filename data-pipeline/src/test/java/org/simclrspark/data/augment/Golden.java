package org.simclrspark.data.augment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.simclrspark.data.decode.Pixels;

/** What {@code src/test/python/golden_views.py} has written with other programs. */
final class Golden {
  private static final int WIDTH = 61;
  private static final int HEIGHT = 47;

  private Golden() {}

  static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(bytes(name + ".json"));
  }

  static float[] floats(String name) throws IOException {
    byte[] bytes = bytes(name + ".f32");
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  /** The picture that all golden views show. */
  static Pixels picture() throws IOException {
    byte[] rgb = bytes("picture-" + WIDTH + "x" + HEIGHT + ".rgb");
    Pixels picture = new Pixels();
    picture.resize(WIDTH, HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      picture.words()[i] =
          Pixels.word(rgb[3 * i] & 0xFF, rgb[3 * i + 1] & 0xFF, rgb[3 * i + 2] & 0xFF);
    }
    return picture;
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
      return in.readAllBytes();
    }
  }
}
