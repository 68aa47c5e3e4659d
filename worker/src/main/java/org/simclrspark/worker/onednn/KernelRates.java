package org.simclrspark.worker.onednn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The engine's loops over activations, each as something that can be timed. */
public final class KernelRates {

  private static final int PIXELS = 1024;
  private static final int CHUNKS = 4;

  private KernelRates() {}

  /** Values that a loop goes through. */
  public static long values() {
    return (long) PIXELS * CHUNKS * OneDnn.BLOCK;
  }

  /** The loops by name, for one thread. */
  public static Map<String, Runnable> loops() {
    int block = OneDnn.BLOCK;
    int chunk = PIXELS * block * Float.BYTES;
    ByteBuffer x = activation(chunk);
    ByteBuffer y = activation(chunk);
    ByteBuffer g = activation(chunk);
    ByteBuffer other = activation(chunk);
    float[] a = new float[block];
    float[] b = new float[block];
    float[] c = new float[block];
    float[] d = new float[block];
    Arrays.fill(a, 0.5f);
    Map<String, Runnable> loops = new LinkedHashMap<>();
    loops.put("moments", each(chunk, at -> Kernels.moments(x, at, PIXELS, c, d, 0)));
    loops.put("affine", each(chunk, at -> Kernels.affine(x, y, at, PIXELS, a, b, 0, true)));
    loops.put(
        "affine_add", each(chunk, at -> Kernels.affineAdd(x, other, y, at, PIXELS, a, b, 0, true)));
    loops.put(
        "gradient_sums",
        each(chunk, at -> Kernels.gradientSums(g, null, y, x, at, PIXELS, b, 0, c, d, 0)));
    loops.put(
        "gradient_sums_of_two",
        each(chunk, at -> Kernels.gradientSums(g, other, y, x, at, PIXELS, b, 0, c, d, 0)));
    loops.put(
        "gradient_input",
        each(chunk, at -> Kernels.gradientInput(g, x, y, at, PIXELS, a, b, b, 0)));
    loops.put("average", each(chunk, at -> Kernels.average(x, at, PIXELS, y, 0)));
    loops.put("add", () -> Kernels.add(y, x, 0, CHUNKS * chunk));
    return loops;
  }

  private interface OfChunk {
    void run(int offset);
  }

  private static Runnable each(int chunk, OfChunk loop) {
    return () -> {
      for (int i = 0; i < CHUNKS; i++) {
        loop.run(i * chunk);
      }
    };
  }

  /** Values of which half are positive, outside the heap. */
  private static ByteBuffer activation(int chunk) {
    ByteBuffer values = ByteBuffer.allocateDirect(CHUNKS * chunk).order(ByteOrder.nativeOrder());
    for (int i = 0; i < values.capacity(); i += Float.BYTES) {
      values.putFloat(i, (i / Float.BYTES % 7 - 3) / 4f);
    }
    return values;
  }
}
