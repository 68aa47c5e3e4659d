package org.simclrspark.loss.statistics;

/**
 * The eigenvalues of a real symmetric matrix: Householder reduction to tridiagonal form, then QL
 * with implicit shifts (Golub and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3).
 */
final class SymmetricEigenvalues {
  private static final int MOST_ITERATIONS = 60;

  private SymmetricEigenvalues() {}

  /**
   * Computes the eigenvalues in no particular order.
   *
   * @param matrix [n, n]; its lower triangle is read, and all of it is overwritten
   */
  static double[] of(double[][] matrix) {
    int n = matrix.length;
    double[] diagonal = new double[n];
    double[] below = new double[n];
    tridiagonalise(matrix, diagonal, below);
    diagonalise(diagonal, below);
    return diagonal;
  }

  /** Leaves the diagonal and, at i, the element between i and i + 1. */
  private static void tridiagonalise(double[][] a, double[] diagonal, double[] below) {
    int n = a.length;
    for (int last = n - 1; last > 0; last--) {
      double[] v = a[last];
      double squares = 0;
      for (int k = 0; k < last; k++) {
        squares += v[k] * v[k];
      }
      double norm = Math.sqrt(squares);
      double reflected = v[last - 1] > 0 ? -norm : norm;
      below[last - 1] = reflected;
      diagonal[last] = v[last];
      double half = squares - v[last - 1] * reflected;
      if (half > 0) {
        v[last - 1] -= reflected;
        reflect(a, v, last, half);
      }
    }
    diagonal[0] = a[0][0];
  }

  /** A leading block of the matrix becomes H A H with H = I - v v^T / half. */
  private static void reflect(double[][] a, double[] v, int size, double half) {
    double[] p = new double[size];
    for (int i = 0; i < size; i++) {
      double sum = a[i][i] * v[i];
      for (int k = 0; k < i; k++) {
        sum += a[i][k] * v[k];
        p[k] += a[i][k] * v[i];
      }
      p[i] += sum;
    }
    double vp = 0;
    for (int i = 0; i < size; i++) {
      p[i] /= half;
      vp += v[i] * p[i];
    }
    double alongV = vp / (2 * half);
    for (int i = 0; i < size; i++) {
      p[i] -= alongV * v[i];
    }
    for (int i = 0; i < size; i++) {
      for (int k = 0; k <= i; k++) {
        a[i][k] -= v[i] * p[k] + p[i] * v[k];
      }
    }
  }

  private static void diagonalise(double[] d, double[] e) {
    int n = d.length;
    for (int first = 0; first < n; first++) {
      for (int iteration = 0; ; iteration++) {
        int split = first;
        while (split < n - 1 && !isNegligible(e[split], d[split], d[split + 1])) {
          split++;
        }
        if (split == first) {
          break;
        }
        if (iteration == MOST_ITERATIONS) {
          throw new ArithmeticException("Eigenvalues did not converge, found NaN or infinity?");
        }
        sweep(d, e, first, split);
      }
    }
  }

  private static boolean isNegligible(double element, double above, double beneath) {
    double size = Math.abs(above) + Math.abs(beneath);
    return Math.abs(element) <= Math.ulp(1.0) * size || Math.abs(element) < Double.MIN_NORMAL;
  }

  /** One QL sweep with Wilkinson's shift over the unreduced block from first to last. */
  private static void sweep(double[] d, double[] e, int first, int last) {
    double delta = (d[first + 1] - d[first]) / (2 * e[first]);
    double root = Math.hypot(delta, 1);
    double g = d[last] - d[first] + e[first] / (delta + Math.copySign(root, delta));
    double sine = 1;
    double cosine = 1;
    double shift = 0;
    for (int i = last - 1; i >= first; i--) {
      double f = sine * e[i];
      double b = cosine * e[i];
      double r = Math.hypot(f, g);
      e[i + 1] = r;
      if (r == 0) {
        d[i + 1] -= shift;
        e[last] = 0;
        return;
      }
      sine = f / r;
      cosine = g / r;
      g = d[i + 1] - shift;
      r = (d[i] - g) * sine + 2 * cosine * b;
      shift = sine * r;
      d[i + 1] = g + shift;
      g = cosine * r - b;
    }
    d[first] -= shift;
    e[first] = g;
    e[last] = 0;
  }
}
