package org.simclrspark.loss;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this machine.
 *
 * <p>A local variable that changes in a loop has the declared type, FloatVector, there. As soon as
 * anything in the JVM has used vectors of another shape, the compiler of JDK 17 can no longer tell
 * which class that is, and every operation on it becomes a virtual call with an allocation, 20
 * times slower. {@code (FloatVector) FLOAT_CLASS.cast(v)} around what is assigned to such a
 * variable, and around each use of it, tells it and costs nothing. Written out, since a method for
 * it would count towards the limit of what is inlined; the same limit keeps loop bodies here small.
 */
final class VectorTypes {
  /** The widest vectors of this machine, at most 16 floats. */
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  /** Vectors of as many integers. */
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Floats of a vector: 4, 8 or 16. */
  static final int LANES = FLOATS.length();

  /** The class of the vectors of floats. */
  static final Class<? extends Vector<Float>> FLOAT_CLASS = FLOATS.vectorType();

  /** The class of the vectors of integers. */
  static final Class<? extends Vector<Integer>> INT_CLASS = INTS.vectorType();

  private VectorTypes() {}
}
