package org.simclrspark.worker.dl4j;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.worker.machine.Natives;

/**
 * ND4J's arrays from floats and back, in one copy where they lie in the processor's memory: ND4J
 * itself copies value by value.
 */
public final class FloatArrays {

  /** Looked up once: it is a search through the whole class path. */
  private static final boolean ON_GPU = Natives.cudaBuild();

  private FloatArrays() {}

  /** An array with the given values, row-major. */
  public static INDArray array(float[] values, long... shape) {
    if (ON_GPU) {
      return Nd4j.create(values, shape, 'c');
    }
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    array.data().asNioFloat().put(values);
    return array;
  }

  /** The values of an array of floats, row-major. */
  public static float[] values(INDArray array) {
    // A copy's buffer has nothing in front of it, that of a view may have.
    INDArray copy = array.dup('c');
    if (ON_GPU) {
      return copy.data().asFloat();
    }
    float[] values = new float[Math.toIntExact(copy.length())];
    copy.data().asNioFloat().get(values);
    return values;
  }
}
