package org.simclrspark.loss;

import java.util.Locale;

/** Checks of arguments, common to the implementations of the loss. */
public final class Checks {
  private Checks() {}

  public static void temperature(double temperature) {
    if (!(temperature >= NtXent.LOWEST_TEMPERATURE && temperature <= 1e6)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Invalid temperature, must be from %s to 1e6, found %s",
              NtXent.LOWEST_TEMPERATURE,
              temperature));
    }
  }

  public static void range(Embeddings z, int from, int to) {
    if (from < 0 || from >= to || to > z.rows()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Invalid range of rows, must be a part of [0, %d) and not empty, found [%d, %d)",
              z.rows(),
              from,
              to));
    }
  }

  public static void logNormalisers(Embeddings z, double[] logNormalisers) {
    if (logNormalisers.length != z.rows()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Invalid log-normalisers, must be one for each of %d rows, found %d",
              z.rows(),
              logNormalisers.length));
    }
    for (int row = 0; row < logNormalisers.length; row++) {
      if (!Double.isFinite(logNormalisers[row])) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Invalid log-normaliser, must be finite, found %s in row %d",
                logNormalisers[row],
                row));
      }
    }
  }

  public static void gradient(Embeddings z, int rows, float[] dz, int offset) {
    long needed = (long) rows * z.dimension();
    if (offset < 0 || dz.length - offset < needed) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Invalid gradient array, must hold %d values from offset %d, found length %d",
              needed,
              offset,
              dz.length));
    }
  }
}
