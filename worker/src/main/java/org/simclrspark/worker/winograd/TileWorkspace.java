package org.simclrspark.worker.winograd;

/** The memory that a thread's convolutions work in, one after the other; it grows as they need. */
public final class TileWorkspace {

  /** Rows of an activation. */
  private float[] band = {};

  /** What has gone through the first direction of a transform. */
  private float[] passed = {};

  /** Components of inputs, of products, and of what is multiplied with inputs. */
  private float[] inputs = {};

  private float[] products = {};
  private float[] others = {};

  float[] band(int length) {
    band = atLeast(band, length);
    return band;
  }

  float[] passed(int length) {
    passed = atLeast(passed, length);
    return passed;
  }

  float[] inputs(int length) {
    inputs = atLeast(inputs, length);
    return inputs;
  }

  float[] products(int length) {
    products = atLeast(products, length);
    return products;
  }

  float[] others(int length) {
    others = atLeast(others, length);
    return others;
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
