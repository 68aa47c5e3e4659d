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

  private static final Crop TENSORFLOW_CROP =
      new Crop(
          0.08, 1, 3.0 / 4, 4.0 / 3, CropSampling.UNIFORM_HEIGHT, 100, 0.1, Resampling.BICUBIC);

  private static final Crop TORCHVISION_CROP =
      new Crop(
          0.08,
          1,
          3.0 / 4,
          4.0 / 3,
          CropSampling.UNIFORM_AREA,
          10,
          0,
          Resampling.BILINEAR_ANTIALIASED);

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
    /**
     * Aspect uniform, then the height uniform, which favours small crops; the last offset is never
     * used; the whole image after the last attempt. TensorFlow's {@code
     * sample_distorted_bounding_box}.
     */
    UNIFORM_HEIGHT,
    /**
     * Area uniform, aspect log-uniform; after the last attempt the greatest central part with an
     * aspect that is allowed. torchvision's {@code RandomResizedCrop}.
     */
    UNIFORM_AREA
  }

  /** How a crop is resized; pixels outside the crop count for nothing. */
  public enum Resampling {
    /**
     * Keys 1981, a = -0.5, over four pixels, whatever the scale: {@code tf.image.resize} with
     * {@code BICUBIC}. Where it shrinks an image, it skips pixels. Values beyond 0 and 1 stay until
     * the first operation on colours.
     */
    BICUBIC,
    /**
     * Linear, over more pixels where the image shrinks: Pillow's {@code BILINEAR}, torchvision's
     * default.
     */
    BILINEAR_ANTIALIASED
  }

  /** What a blur takes for the pixels beyond an edge. */
  public enum Edges {
    /** Black, as TensorFlow's padding {@code SAME}: edges darken. */
    ZERO,
    /** The picture reflected, without the edge pixel twice, as torchvision does. */
    REFLECT
  }

  /** How contrast and saturation are defined. */
  public enum ColorModel {
    /** Contrast about the mean of each channel, saturation in HSV, as in TensorFlow. */
    CHANNEL_MEAN,
    /** Contrast about the mean of the gray image, saturation against gray, as in torchvision. */
    GRAY_MEAN
  }

  /**
   * The random resized crop.
   *
   * @param areaMin least area, as a part of the image's
   * @param areaMax greatest area
   * @param aspectMin least aspect, width over height
   * @param aspectMax greatest aspect
   * @param sampling how area and aspect are drawn
   * @param attempts draws that may fail before the sampling's fallback is taken
   * @param minObjectCovered part of the image below which a draw fails; 0 for none
   * @param resampling how the crop is resized
   */
  public record Crop(
      double areaMin,
      double areaMax,
      double aspectMin,
      double aspectMax,
      CropSampling sampling,
      int attempts,
      double minObjectCovered,
      Resampling resampling)
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
      check(
          minObjectCovered >= 0 && minObjectCovered <= 1,
          "The part of the image that a crop must cover must lie in [0, 1]",
          minObjectCovered);
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
   * The Gaussian blur.
   *
   * @param probability that a view is blurred
   * @param sigmaMin least sigma, in pixels
   * @param sigmaMax greatest sigma
   * @param kernel taps, odd
   * @param edges what lies beyond them
   */
  public record Blur(double probability, double sigmaMin, double sigmaMax, int kernel, Edges edges)
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

  /**
   * The published settings (google-research/simclr, {@code tf2/data_util.py}): jitter of strength
   * 1, blur in half of the views. One thing differs: sigma is drawn for each view, there for each
   * batch.
   */
  public static AugmentSettings simclr(int size) {
    return new AugmentSettings(
        size,
        TENSORFLOW_CROP,
        0.5,
        Jitter.ofStrength(0.8, 1, ColorModel.CHANNEL_MEAN),
        0.2,
        new Blur(0.5, 0.1, 2, Blur.kernelOf(size), Edges.ZERO),
        0.875);
  }

  /**
   * The paper's settings for CIFAR-10: 32 px, strength 0.5, no blur, whole images in evaluation.
   */
  public static AugmentSettings cifar() {
    return new AugmentSettings(
        32,
        TENSORFLOW_CROP,
        0.5,
        Jitter.ofStrength(0.8, 0.5, ColorModel.CHANNEL_MEAN),
        0.2,
        new Blur(0, 0.1, 2, Blur.kernelOf(32), Edges.ZERO),
        1);
  }

  /**
   * As torchvision's transforms do it, at the ranges of the paper: another crop, another contrast
   * and saturation, resizing bilinear and antialiased, a blur whose edges reflect.
   */
  public static AugmentSettings torchvision(int size) {
    return new AugmentSettings(
        size,
        TORCHVISION_CROP,
        0.5,
        Jitter.ofStrength(0.8, 1, ColorModel.GRAY_MEAN),
        0.2,
        new Blur(0.5, 0.1, 2, Blur.kernelOf(size), Edges.REFLECT),
        0.875);
  }

  /** These settings without jitter, grayscale and blur. */
  public AugmentSettings withColoursUntouched() {
    return new AugmentSettings(
        size,
        crop,
        flipProbability,
        new Jitter(
            0, jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue, jitter.model),
        0,
        new Blur(0, blur.sigmaMin, blur.sigmaMax, blur.kernel, blur.edges),
        evaluationCrop);
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
