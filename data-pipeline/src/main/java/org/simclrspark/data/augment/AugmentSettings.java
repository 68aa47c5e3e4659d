package org.simclrspark.data.augment;

import java.io.Serializable;

/**
 * What the random views of an image are made with. The default preset {@link #simclr} follows
 * google-research/simclr, {@code data_util.py} (Chen et al. 2020, appendix A).
 *
 * @param size side of a view, in pixels
 * @param crop the random resized crop
 * @param flipProbability of the horizontal flip
 * @param jitter the colour jitter
 * @param grayProbability of the conversion to gray
 * @param blur the Gaussian blur
 * @param evaluationCrop side of the central square for evaluation, as a part of the image's shorter
 *     side, in (0, 1]
 */
public record AugmentSettings(
    int size,
    Crop crop,
    double flipProbability,
    Jitter jitter,
    double grayProbability,
    Blur blur,
    double evaluationCrop)
    implements Serializable {

  public AugmentSettings {
    check(size >= 1 && size <= 4096, "The size of a view must lie in 1 to 4096", size);
    checkProbability(flipProbability, "flip");
    checkProbability(grayProbability, "gray");
    check(
        evaluationCrop > 0 && evaluationCrop <= 1,
        "The evaluation crop must lie in (0, 1]",
        evaluationCrop);
    check(
        blur.probability() == 0 || blur.kernel() / 2 < size,
        "Half the kernel of the blur must be smaller than the view of " + size + " pixels",
        blur.kernel());
  }

  /** How a crop is drawn. */
  public enum CropSampling {
    /** Aspect uniform, then the height uniform, which favours small crops, as in TensorFlow. */
    UNIFORM_HEIGHT,
    /** Area uniform, aspect log-uniform, as in torchvision. */
    UNIFORM_AREA
  }

  /** How contrast and saturation are defined. */
  public enum ColorModel {
    /** Contrast about the mean of each channel, saturation in HSV, as in TensorFlow. */
    CHANNEL_MEAN,
    /** Contrast about the mean of the gray image, saturation against gray, as in torchvision. */
    GRAY_MEAN
  }

  /**
   * The random resized crop, bicubic (Keys 1981, a = -0.5).
   *
   * @param areaMin least area, as a part of the image's
   * @param areaMax greatest area
   * @param aspectMin least aspect, width over height
   * @param aspectMax greatest aspect
   * @param sampling how area and aspect are drawn
   * @param attempts draws that may fall outside the image before the whole image is taken, clamped
   *     to the aspect
   * @param antialias whether the kernel widens where the image shrinks, as in PIL; TensorFlow's
   *     does not
   */
  public record Crop(
      double areaMin,
      double areaMax,
      double aspectMin,
      double aspectMax,
      CropSampling sampling,
      int attempts,
      boolean antialias)
      implements Serializable {

    public Crop {
      check(areaMin > 0 && areaMin <= 1, "The least area must lie in (0, 1]", areaMin);
      check(
          areaMax >= areaMin && areaMax <= 1,
          "The greatest area must lie in [" + areaMin + ", 1]",
          areaMax);
      check(aspectMin > 0, "The least aspect must be positive", aspectMin);
      check(
          aspectMax >= aspectMin && aspectMax < Double.POSITIVE_INFINITY,
          "The greatest aspect must be at least " + aspectMin,
          aspectMax);
      check(attempts >= 1, "The attempts must be at least 1", attempts);
    }
  }

  /**
   * The colour jitter: brightness, contrast, saturation and hue in random order. A factor is drawn
   * from [max(0, 1 - range), 1 + range].
   *
   * @param probability that a view is jittered
   * @param brightness range of the factor
   * @param contrast range of the factor
   * @param saturation range of the factor
   * @param hue range of the shift, in turns: [-hue, hue], at most 0.5
   * @param model what contrast and saturation mean
   */
  public record Jitter(
      double probability,
      double brightness,
      double contrast,
      double saturation,
      double hue,
      ColorModel model)
      implements Serializable {

    public Jitter {
      checkProbability(probability, "jitter");
      checkRange(brightness, "brightness");
      checkRange(contrast, "contrast");
      checkRange(saturation, "saturation");
      check(hue >= 0 && hue <= 0.5, "The range of the hue must lie in [0, 0.5] turns", hue);
    }

    /** The paper's jitter of a strength s: ranges 0.8 s, 0.8 s, 0.8 s and 0.2 s. */
    public static Jitter ofStrength(double probability, double strength, ColorModel model) {
      return new Jitter(
          probability, 0.8 * strength, 0.8 * strength, 0.8 * strength, 0.2 * strength, model);
    }
  }

  /**
   * The Gaussian blur; edges reflect.
   *
   * @param probability that a view is blurred
   * @param sigmaMin least sigma, in pixels
   * @param sigmaMax greatest sigma
   * @param kernel taps, odd
   */
  public record Blur(double probability, double sigmaMin, double sigmaMax, int kernel)
      implements Serializable {

    public Blur {
      checkProbability(probability, "blur");
      check(sigmaMin > 0, "The least sigma must be positive", sigmaMin);
      check(
          sigmaMax >= sigmaMin && sigmaMax < Double.POSITIVE_INFINITY,
          "The greatest sigma must be at least " + sigmaMin,
          sigmaMax);
      check(kernel >= 1 && kernel % 2 == 1, "The kernel of the blur must be odd", kernel);
    }

    /** The paper's kernel: a tenth of the view, made odd (224 gives 23). */
    public static int kernelOf(int size) {
      return size / 10 / 2 * 2 + 1;
    }
  }

  /** The paper's settings: jitter of strength 1, blur in half of the views. */
  public static AugmentSettings simclr(int size) {
    return new AugmentSettings(
        size,
        new Crop(0.08, 1, 3.0 / 4, 4.0 / 3, CropSampling.UNIFORM_HEIGHT, 100, false),
        0.5,
        Jitter.ofStrength(0.8, 1, ColorModel.CHANNEL_MEAN),
        0.2,
        new Blur(0.5, 0.1, 2, Blur.kernelOf(size)),
        0.875);
  }

  /**
   * The paper's settings for CIFAR-10: 32 px, strength 0.5, no blur, whole images in evaluation.
   */
  public static AugmentSettings cifar() {
    return new AugmentSettings(
        32,
        new Crop(0.08, 1, 3.0 / 4, 4.0 / 3, CropSampling.UNIFORM_HEIGHT, 100, false),
        0.5,
        Jitter.ofStrength(0.8, 0.5, ColorModel.CHANNEL_MEAN),
        0.2,
        new Blur(0, 0.1, 2, Blur.kernelOf(32)),
        1);
  }

  /** As torchvision's transforms do it: another crop, another contrast, antialiased resizing. */
  public static AugmentSettings torchvision(int size) {
    return new AugmentSettings(
        size,
        new Crop(0.08, 1, 3.0 / 4, 4.0 / 3, CropSampling.UNIFORM_AREA, 10, true),
        0.5,
        Jitter.ofStrength(0.8, 1, ColorModel.GRAY_MEAN),
        0.2,
        new Blur(0.5, 0.1, 2, Blur.kernelOf(size)),
        0.875);
  }

  /** Bytes of a view: unsigned, planar, [3, size, size]. */
  public int viewBytes() {
    return 3 * size * size;
  }

  private static void checkProbability(double value, String name) {
    check(
        value >= 0 && value <= 1, "The probability of the " + name + " must lie in [0, 1]", value);
  }

  private static void checkRange(double value, String name) {
    check(
        value >= 0 && value < Double.POSITIVE_INFINITY,
        "The range of the " + name + " must be at least 0",
        value);
  }

  private static void check(boolean holds, String rule, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", found " + found);
    }
  }
}
