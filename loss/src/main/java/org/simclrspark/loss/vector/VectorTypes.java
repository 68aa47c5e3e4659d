package org.simclrspark.loss.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this machine.
 *
 * <p>Two traps of JDK 17 make a loop over vectors call and allocate for every operation, 20 times
 * slower. The type of a variable that changes in a loop, and of what most operations return, is the
 * abstract FloatVector; as soon as anything in the JVM has used vectors of another shape, the
 * compiler no longer knows which class that is. {@code (FloatVector) FLOAT_CLASS.cast(v)} tells it
 * and costs nothing; it is written out, since a method for it counts towards the limit of what is
 * inlined. That limit is the second trap: a small method with such a loop is inlined into callers,
 * where it may reach the limit. So loops over vectors stand in methods of more than 325 bytes of
 * code, which are compiled alone, with at most about 50 operations; what Java's own loops do as
 * well, they do.
 */
public final class VectorTypes {
  /** The widest vectors of this machine, at most 16 floats. */
  public static final VectorSpecies<Float> FLOATS = widest(16);

  /** Vectors of as many integers. */
  public static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Floats of a vector: 4, 8 or 16. */
  public static final int LANES = FLOATS.length();

  /** The class of the vectors of floats. */
  public static final Class<? extends Vector<Float>> FLOAT_CLASS = FLOATS.vectorType();

  /** The class of the vectors of integers. */
  public static final Class<? extends Vector<Integer>> INT_CLASS = INTS.vectorType();

  private VectorTypes() {}

  /**
   * The widest vectors of this machine with no more floats than this. The compiler needs to find
   * them in a static final field.
   *
   * @param most a power of two from 4
   */
  public static VectorSpecies<Float> widest(int most) {
    return FloatVector.SPECIES_PREFERRED.length() <= most
        ? FloatVector.SPECIES_PREFERRED
        : VectorSpecies.of(float.class, VectorShape.forBitSize(Float.SIZE * most));
  }
}
