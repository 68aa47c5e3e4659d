package org.simclrspark.worker.winograd;

import static org.simclrspark.worker.winograd.ChannelBlock.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of F(4 x 4, 3 x 3), one direction at a time: each takes vectors of channels that
 * lie {@code step} floats apart and puts as many as come out of it {@code outStep} apart, for
 * {@code count} floats side by side.
 *
 * <p>The points are 0, +-a, +-b and infinity with a = 5/8 and b = 3/2. Their powers are exact, and
 * rounding is twice that of the direct way; with the usual points, 1 and 2, it is five times.
 */
final class TileTransforms {

  private static final int LANES = SPECIES.length();
  private static final float A = 0.625f;
  private static final float B = 1.5f;
  private static final float A2 = A * A;
  private static final float B2 = B * B;
  private static final float A3 = A * A2;
  private static final float B3 = B * B2;

  /** Denominators of G: the product of a point's differences from the others. */
  private static final float G_0 = 1 / (A2 * B2);

  private static final float G_A = 1 / (2 * A2 * (A2 - B2));
  private static final float G_B = 1 / (2 * B2 * (B2 - A2));

  private TileTransforms() {}

  /** B^T: six inputs to six components. In place if asked for the same places. */
  static void input(
      float[] d,
      int start,
      int step,
      int tileStep,
      float[] v,
      int outStart,
      int outStep,
      int outTileStep,
      int tiles,
      int count) {
    for (int tile = 0; tile < tiles; tile++) {
      int end = start + tile * tileStep + count;
      int to = outStart + tile * outTileStep;
      for (int at = end - count; at < end; at += LANES, to += LANES) {
        FloatVector d0 = FloatVector.fromArray(SPECIES, d, at);
        FloatVector d1 = FloatVector.fromArray(SPECIES, d, at + step);
        FloatVector d2 = FloatVector.fromArray(SPECIES, d, at + 2 * step);
        FloatVector d3 = FloatVector.fromArray(SPECIES, d, at + 3 * step);
        FloatVector d4 = FloatVector.fromArray(SPECIES, d, at + 4 * step);
        FloatVector d5 = FloatVector.fromArray(SPECIES, d, at + 5 * step);
        FloatVector evenA = d2.fma(FloatVector.broadcast(SPECIES, -B2), d4);
        FloatVector oddA = d1.fma(FloatVector.broadcast(SPECIES, -B2), d3);
        FloatVector evenB = d2.fma(FloatVector.broadcast(SPECIES, -A2), d4);
        FloatVector oddB = d1.fma(FloatVector.broadcast(SPECIES, -A2), d3);
        FloatVector zero = d0.fma(FloatVector.broadcast(SPECIES, A2 * B2), d4);
        FloatVector infinity = d1.fma(FloatVector.broadcast(SPECIES, A2 * B2), d5);
        d2.fma(FloatVector.broadcast(SPECIES, -A2 - B2), zero).intoArray(v, to);
        oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoArray(v, to + outStep);
        oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoArray(v, to + 2 * outStep);
        oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoArray(v, to + 3 * outStep);
        oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoArray(v, to + 4 * outStep);
        d3.fma(FloatVector.broadcast(SPECIES, -A2 - B2), infinity).intoArray(v, to + 5 * outStep);
      }
    }
  }

  /** A^T: six components to four outputs. */
  static void output(
      float[] m,
      int start,
      int step,
      int tileStep,
      float[] y,
      int outStart,
      int outStep,
      int outTileStep,
      int tiles,
      int count) {
    for (int tile = 0; tile < tiles; tile++) {
      int end = start + tile * tileStep + count;
      int to = outStart + tile * outTileStep;
      for (int at = end - count; at < end; at += LANES, to += LANES) {
        FloatVector m0 = FloatVector.fromArray(SPECIES, m, at);
        FloatVector m1 = FloatVector.fromArray(SPECIES, m, at + step);
        FloatVector m2 = FloatVector.fromArray(SPECIES, m, at + 2 * step);
        FloatVector m3 = FloatVector.fromArray(SPECIES, m, at + 3 * step);
        FloatVector m4 = FloatVector.fromArray(SPECIES, m, at + 4 * step);
        FloatVector m5 = FloatVector.fromArray(SPECIES, m, at + 5 * step);
        FloatVector evenA = m1.add(m2);
        FloatVector oddA = m1.sub(m2);
        FloatVector evenB = m3.add(m4);
        FloatVector oddB = m3.sub(m4);
        m0.add(evenA).add(evenB).intoArray(y, to);
        oddA.mul(A).add(oddB.mul(B)).intoArray(y, to + outStep);
        evenA.mul(A2).add(evenB.mul(B2)).intoArray(y, to + 2 * outStep);
        oddA.fma(FloatVector.broadcast(SPECIES, A3), m5)
            .add(oddB.mul(B3))
            .intoArray(y, to + 3 * outStep);
      }
    }
  }

  /** A: the gradients of four outputs to those of six components. In place if asked. */
  static void outputGradient(
      float[] dy,
      int start,
      int step,
      int tileStep,
      float[] dm,
      int outStart,
      int outStep,
      int outTileStep,
      int tiles,
      int count) {
    for (int tile = 0; tile < tiles; tile++) {
      int end = start + tile * tileStep + count;
      int to = outStart + tile * outTileStep;
      for (int at = end - count; at < end; at += LANES, to += LANES) {
        FloatVector y0 = FloatVector.fromArray(SPECIES, dy, at);
        FloatVector y1 = FloatVector.fromArray(SPECIES, dy, at + step);
        FloatVector y2 = FloatVector.fromArray(SPECIES, dy, at + 2 * step);
        FloatVector y3 = FloatVector.fromArray(SPECIES, dy, at + 3 * step);
        FloatVector evenA = y2.fma(FloatVector.broadcast(SPECIES, A2), y0);
        FloatVector oddA = y3.fma(FloatVector.broadcast(SPECIES, A2), y1);
        FloatVector evenB = y2.fma(FloatVector.broadcast(SPECIES, B2), y0);
        FloatVector oddB = y3.fma(FloatVector.broadcast(SPECIES, B2), y1);
        y0.intoArray(dm, to);
        oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoArray(dm, to + outStep);
        oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoArray(dm, to + 2 * outStep);
        oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoArray(dm, to + 3 * outStep);
        oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoArray(dm, to + 4 * outStep);
        y3.intoArray(dm, to + 5 * outStep);
      }
    }
  }

  /** G: three weights to six components. */
  static void weights(
      float[] g,
      int start,
      int step,
      int tileStep,
      float[] u,
      int outStart,
      int outStep,
      int outTileStep,
      int tiles,
      int count) {
    for (int tile = 0; tile < tiles; tile++) {
      int end = start + tile * tileStep + count;
      int to = outStart + tile * outTileStep;
      for (int at = end - count; at < end; at += LANES, to += LANES) {
        FloatVector g0 = FloatVector.fromArray(SPECIES, g, at);
        FloatVector g1 = FloatVector.fromArray(SPECIES, g, at + step);
        FloatVector g2 = FloatVector.fromArray(SPECIES, g, at + 2 * step);
        FloatVector evenA = g2.fma(FloatVector.broadcast(SPECIES, A2), g0).mul(G_A);
        FloatVector oddA = g1.mul(A * G_A);
        FloatVector evenB = g2.fma(FloatVector.broadcast(SPECIES, B2), g0).mul(G_B);
        FloatVector oddB = g1.mul(B * G_B);
        g0.mul(G_0).intoArray(u, to);
        evenA.add(oddA).intoArray(u, to + outStep);
        evenA.sub(oddA).intoArray(u, to + 2 * outStep);
        evenB.add(oddB).intoArray(u, to + 3 * outStep);
        evenB.sub(oddB).intoArray(u, to + 4 * outStep);
        g2.intoArray(u, to + 5 * outStep);
      }
    }
  }

  /** G^T: the gradients of six components to those of three weights. */
  static void weightGradient(
      float[] du,
      int start,
      int step,
      int tileStep,
      float[] dg,
      int outStart,
      int outStep,
      int outTileStep,
      int tiles,
      int count) {
    for (int tile = 0; tile < tiles; tile++) {
      int end = start + tile * tileStep + count;
      int to = outStart + tile * outTileStep;
      for (int at = end - count; at < end; at += LANES, to += LANES) {
        FloatVector u0 = FloatVector.fromArray(SPECIES, du, at);
        FloatVector u1 = FloatVector.fromArray(SPECIES, du, at + step);
        FloatVector u2 = FloatVector.fromArray(SPECIES, du, at + 2 * step);
        FloatVector u3 = FloatVector.fromArray(SPECIES, du, at + 3 * step);
        FloatVector u4 = FloatVector.fromArray(SPECIES, du, at + 4 * step);
        FloatVector u5 = FloatVector.fromArray(SPECIES, du, at + 5 * step);
        FloatVector evenA = u1.add(u2).mul(G_A);
        FloatVector oddA = u1.sub(u2).mul(A * G_A);
        FloatVector evenB = u3.add(u4).mul(G_B);
        FloatVector oddB = u3.sub(u4).mul(B * G_B);
        u0.fma(FloatVector.broadcast(SPECIES, G_0), evenA).add(evenB).intoArray(dg, to);
        oddA.add(oddB).intoArray(dg, to + outStep);
        evenA
            .fma(FloatVector.broadcast(SPECIES, A2), u5)
            .add(evenB.mul(B2))
            .intoArray(dg, to + 2 * outStep);
      }
    }
  }
}
