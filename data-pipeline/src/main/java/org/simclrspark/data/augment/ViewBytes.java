package org.simclrspark.data.augment;

/** The compact form of views, four times smaller than floats: a byte is 255 times the value. */
public final class ViewBytes {
  private static final float[] VALUES = new float[256];

  static {
    for (int i = 0; i < VALUES.length; i++) {
      VALUES[i] = i / 255f;
    }
  }

  private ViewBytes() {}

  /**
   * Widens views to values in [0, 1].
   *
   * @param views unsigned bytes
   * @param offset of the first byte
   * @param length bytes to widen
   * @param values receives them
   * @param valuesOffset of the first value
   */
  public static void toFloats(
      byte[] views, int offset, int length, float[] values, int valuesOffset) {
    for (int i = 0; i < length; i++) {
      values[valuesOffset + i] = VALUES[views[offset + i] & 0xFF];
    }
  }
}
