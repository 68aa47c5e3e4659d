package org.simclrspark.data.augment;

/**
 * The colour operations, each on a run of pixels of a planar picture [3, plane] with values in [0,
 * 1]; each clips to [0, 1] again.
 */
final class Colors {
  /** Weights of red, green and blue in gray, as in TensorFlow's rgb_to_grayscale. */
  static final float RED = 0.2989f;

  static final float GREEN = 0.5870f;
  static final float BLUE = 0.1140f;

  private Colors() {}

  /** x f. */
  static void brightness(float[] pixels, int plane, int from, int to, float factor) {
    for (int channel = 0; channel < 3; channel++) {
      for (int i = channel * plane + from; i < channel * plane + to; i++) {
        pixels[i] = clip(pixels[i] * factor);
      }
    }
  }

  /** (x - mean) f + mean, for one channel. */
  static void contrast(
      float[] pixels, int plane, int channel, int from, int to, float factor, float mean) {
    float shift = mean - mean * factor;
    for (int i = channel * plane + from; i < channel * plane + to; i++) {
      pixels[i] = clip(pixels[i] * factor + shift);
    }
  }

  /**
   * S' = min(1, S f) in HSV. With value V and chroma C, S is C/V, hue and value stay, and every
   * channel x becomes V - (V - x) S'/S.
   */
  static void saturationHsv(float[] pixels, int plane, int from, int to, float factor) {
    for (int i = from; i < to; i++) {
      float r = pixels[i];
      float g = pixels[plane + i];
      float b = pixels[2 * plane + i];
      float value = Math.max(r, Math.max(g, b));
      float chroma = value - Math.min(r, Math.min(g, b));
      float ratio = Math.min(factor, value / Math.max(chroma, Float.MIN_NORMAL));
      pixels[i] = clip(value - (value - r) * ratio);
      pixels[plane + i] = clip(value - (value - g) * ratio);
      pixels[2 * plane + i] = clip(value - (value - b) * ratio);
    }
  }

  /** f x + (1 - f) gray. */
  static void saturationGray(float[] pixels, int plane, int from, int to, float factor) {
    for (int i = from; i < to; i++) {
      float r = pixels[i];
      float g = pixels[plane + i];
      float b = pixels[2 * plane + i];
      float rest = (1 - factor) * gray(r, g, b);
      pixels[i] = clip(factor * r + rest);
      pixels[plane + i] = clip(factor * g + rest);
      pixels[2 * plane + i] = clip(factor * b + rest);
    }
  }

  /**
   * Turns the hue of HSV. With h the new hue in sixths of a turn, channel n (red 5, green 3, blue
   * 1) is V - C clamp(min(k, 4 - k), 0, 1) for k = (n + h) mod 6.
   *
   * @param turns in [-0.5, 0.5]
   */
  static void hue(float[] pixels, int plane, int from, int to, float turns) {
    float shift = turns * 6;
    for (int i = from; i < to; i++) {
      float r = pixels[i];
      float g = pixels[plane + i];
      float b = pixels[2 * plane + i];
      float value = Math.max(r, Math.max(g, b));
      float chroma = value - Math.min(r, Math.min(g, b));
      float inverse = 1 / Math.max(chroma, Float.MIN_NORMAL);
      float hue =
          value == r
              ? (g - b) * inverse
              : value == g ? (b - r) * inverse + 2 : (r - g) * inverse + 4;
      hue += shift;
      hue = hue < 0 ? hue + 6 : hue;
      hue = hue >= 6 ? hue - 6 : hue;
      pixels[i] = hexcone(value, chroma, hue + 5);
      pixels[plane + i] = hexcone(value, chroma, hue + 3);
      pixels[2 * plane + i] = hexcone(value, chroma, hue + 1);
    }
  }

  private static float hexcone(float value, float chroma, float sixths) {
    float k = sixths >= 6 ? sixths - 6 : sixths;
    return clip(value - chroma * clip(Math.min(k, 4 - k)));
  }

  /** All channels become gray. */
  static void gray(float[] pixels, int plane, int from, int to) {
    for (int i = from; i < to; i++) {
      float gray = gray(pixels[i], pixels[plane + i], pixels[2 * plane + i]);
      pixels[i] = gray;
      pixels[plane + i] = gray;
      pixels[2 * plane + i] = gray;
    }
  }

  static float gray(float r, float g, float b) {
    return RED * r + GREEN * g + BLUE * b;
  }

  /** Mean of a channel. */
  static double mean(float[] pixels, int plane, int channel) {
    double sum = 0;
    for (int i = channel * plane; i < (channel + 1) * plane; i++) {
      sum += pixels[i];
    }
    return sum / plane;
  }

  static float clip(float value) {
    return Math.min(1, Math.max(0, value));
  }
}
