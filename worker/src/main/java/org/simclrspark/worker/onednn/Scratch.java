package org.simclrspark.worker.onednn;

/** Values per channel that one thread works with; as long as the widest activation. */
final class Scratch {
  final float[] a;
  final float[] b;
  final float[] c;
  final float[] d;

  Scratch(int channels) {
    a = new float[channels];
    b = new float[channels];
    c = new float[channels];
    d = new float[channels];
  }
}
