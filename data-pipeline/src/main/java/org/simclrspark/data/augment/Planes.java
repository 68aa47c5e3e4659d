package org.simclrspark.data.augment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * A picture as three planes of floats, red, green and blue, with values in [0, 1]. Every plane is
 * followed by padding, so that loops may run over its end in whole vectors.
 *
 * <p>All arithmetic on planes is elementwise IEEE or exact in integers: its results do not depend
 * on the width of a machine's vectors.
 */
final class Planes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final int LANES = FLOATS.length();

  /** As many bytes as there are lanes. */
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 4));

  /** A multiple of the lanes of any machine. */
  static final int ALIGNMENT = 64;

  final int size;

  /** Distance from plane to plane, a multiple of {@link #ALIGNMENT}. */
  final int stride;

  final float[] values;

  Planes(int size) {
    this.size = size;
    this.stride = (size * size / ALIGNMENT + 2) * ALIGNMENT;
    this.values = new float[3 * stride];
  }

  /** Index of the first value of a row. */
  int row(int channel, int y) {
    return channel * stride + y * size;
  }

  /** Sets the padding to zero. */
  void clearPadding() {
    for (int channel = 0; channel < 3; channel++) {
      for (int i = channel * stride + size * size; i < (channel + 1) * stride; i++) {
        values[i] = 0;
      }
    }
  }

  static FloatVector load(float[] values, int index) {
    return FloatVector.fromArray(FLOATS, values, index);
  }

  /** The greater of two, without the care for NaN and signed zeros that Math.max takes. */
  static FloatVector max(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(VectorOperators.GT, a));
  }

  static FloatVector min(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(VectorOperators.LT, a));
  }

  /** Limits to [0, 1]. */
  static FloatVector clip(FloatVector x) {
    VectorMask<Float> below = x.compare(VectorOperators.LT, 0f);
    VectorMask<Float> above = x.compare(VectorOperators.GT, 1f);
    return x.blend(0f, below).blend(1f, above);
  }
}
