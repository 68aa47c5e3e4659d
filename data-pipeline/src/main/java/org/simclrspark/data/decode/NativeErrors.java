package org.simclrspark.data.decode;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.leptonica.global.leptonica;

/**
 * C's {@code stderr} in this process. libjpeg and libpng print to it what they think of a file, and
 * leptonica does not let them be told otherwise; what they find shows in what they return. While
 * any thread decodes, {@code stderr} goes to nowhere; at all other times it is as it was, for the
 * other libraries in the process. Nothing of Java's goes through it.
 */
final class NativeErrors {
  private static final PointerPointer<Pointer> VARIABLE =
      new PointerPointer<>(Loader.addressof("stderr"));
  private static final Pointer REAL = VARIABLE.get(Pointer.class, 0);
  private static final Pointer NOWHERE = leptonica.fopenWriteStream("/dev/null", "w");

  private static int decoding;

  private NativeErrors() {}

  static synchronized void mute() {
    if (decoding++ == 0 && NOWHERE != null) {
      VARIABLE.put(0, NOWHERE);
    }
  }

  static synchronized void unmute() {
    if (--decoding == 0) {
      VARIABLE.put(0, REAL);
    }
  }
}
