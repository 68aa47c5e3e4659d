package org.simclrspark.data.augment;

import org.simclrspark.data.augment.AugmentSettings.Jitter;
import org.simclrspark.data.augment.KeyedRandom.Purpose;

/**
 * The random choices behind one view. Every choice is drawn whether or not it is used, each from
 * its own number, so that none depends on another.
 */
final class Draw {
  static final int OPERATIONS = 4;
  static final int BRIGHTNESS = 0;
  static final int CONTRAST = 1;
  static final int SATURATION = 2;
  static final int HUE = 3;

  /** Permutations of the colour operations. */
  static final int ORDERS = 24;

  private final KeyedRandom random = new KeyedRandom();

  final CropBox crop = new CropBox();
  boolean flip;
  boolean jitter;

  /** Index of the order of the four colour operations, 0 to 23, see {@link #operation}. */
  int order;

  float brightness;
  float contrast;
  float saturation;

  /** Shift of the hue, in turns. */
  float hue;

  boolean gray;
  boolean blur;
  double sigma;

  void draw(
      AugmentSettings settings, int width, int height, long seed, int epoch, long id, int view) {
    random.reset(seed, epoch, id, view);
    crop.draw(settings.crop(), width, height, random);
    flip = happens(Purpose.FLIP, settings.flipProbability());
    Jitter ranges = settings.jitter();
    jitter = happens(Purpose.JITTER, ranges.probability());
    order = random.below(Purpose.ORDER, 0, ORDERS);
    brightness = factor(Purpose.BRIGHTNESS, ranges.brightness());
    contrast = factor(Purpose.CONTRAST, ranges.contrast());
    saturation = factor(Purpose.SATURATION, ranges.saturation());
    hue = (float) random.uniform(Purpose.HUE, 0, -ranges.hue(), ranges.hue());
    gray = happens(Purpose.GRAY, settings.grayProbability());
    blur = happens(Purpose.BLUR, settings.blur().probability());
    sigma =
        random.uniform(Purpose.SIGMA, 0, settings.blur().sigmaMin(), settings.blur().sigmaMax());
  }

  /** The colour operation at a place (0 to 3) of an order: the order's digits in factorial base. */
  static int operation(int order, int place) {
    int remaining = 0b1111;
    int rest = order;
    int weight = 6;
    for (int i = 0; ; i++) {
      int nth = i == 3 ? 0 : rest / weight;
      int candidates = remaining;
      for (int skip = 0; skip < nth; skip++) {
        candidates &= candidates - 1;
      }
      int chosen = Integer.numberOfTrailingZeros(candidates);
      if (i == place) {
        return chosen;
      }
      remaining &= ~(1 << chosen);
      rest %= weight;
      weight /= Math.max(1, 3 - i);
    }
  }

  private boolean happens(Purpose purpose, double probability) {
    return random.uniform(purpose, 0) < probability;
  }

  private float factor(Purpose purpose, double range) {
    return (float) random.uniform(purpose, 0, Math.max(0, 1 - range), 1 + range);
  }
}
