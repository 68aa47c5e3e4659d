package org.simclrspark.data.augment;

/** HSV by the six cases of the textbook (Smith 1978), in doubles. */
final class Hsv {
  private Hsv() {}

  static double[] fromRgb(double r, double g, double b) {
    double max = Math.max(r, Math.max(g, b));
    double min = Math.min(r, Math.min(g, b));
    double hue;
    if (max == min) {
      hue = 0;
    } else if (max == r) {
      hue = (g - b) / (max - min) / 6;
    } else if (max == g) {
      hue = ((b - r) / (max - min) + 2) / 6;
    } else {
      hue = ((r - g) / (max - min) + 4) / 6;
    }
    return new double[] {hue - Math.floor(hue), max == 0 ? 0 : (max - min) / max, max};
  }

  static double[] toRgb(double hue, double saturation, double value) {
    double turn = (hue - Math.floor(hue)) * 6;
    int sector = (int) turn;
    double f = turn - sector;
    double p = value * (1 - saturation);
    double q = value * (1 - saturation * f);
    double t = value * (1 - saturation * (1 - f));
    return switch (sector) {
      case 0 -> new double[] {value, t, p};
      case 1 -> new double[] {q, value, p};
      case 2 -> new double[] {p, value, t};
      case 3 -> new double[] {p, q, value};
      case 4 -> new double[] {t, p, value};
      default -> new double[] {value, p, q};
    };
  }
}
