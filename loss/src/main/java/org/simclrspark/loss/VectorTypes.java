package org.simclrspark.loss;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
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
