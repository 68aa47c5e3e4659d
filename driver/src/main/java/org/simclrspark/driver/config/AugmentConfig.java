package org.simclrspark.driver.config;

import java.util.Optional;

/**
 * How two views are made of an image. What is absent is the preset's.
 *
 * @param preset where to start from
 * @param size side of a view, in pixels
 * @param strength s, which scales the colour jitter
 * @param cropArea share of the image's area that a crop covers
 * @param cropRatio width over height of a crop
 * @param flip probability of the horizontal flip
 * @param jitter probability of the colour jitter
 * @param brightness range of the brightness factor at strength 1: 1 plus or minus this
 * @param contrast range of the contrast factor at strength 1
 * @param saturation range of the saturation factor at strength 1
 * @param hue range of the hue shift at strength 1, in turns
 * @param grayscale probability of losing the colours
 * @param blur probability of the Gaussian blur
 * @param blurSigma standard deviation of the blur, in pixels
 */
public record AugmentConfig(
    Preset preset,
    Optional<Integer> size,
    Optional<Double> strength,
    Optional<Interval> cropArea,
    Optional<Interval> cropRatio,
    Optional<Double> flip,
    Optional<Double> jitter,
    Optional<Double> brightness,
    Optional<Double> contrast,
    Optional<Double> saturation,
    Optional<Double> hue,
    Optional<Double> grayscale,
    Optional<Double> blur,
    Optional<Interval> blurSigma) {

  private static final Range PROBABILITY = Range.between(0, 1);

  /** A known set of augmentations. */
  public enum Preset {
    /** 224 px, strength 1, with blur (google-research/simclr). */
    SIMCLR(224),
    /** 32 px, strength 0.5, no blur (Chen et al. 2020, appendix B.9). */
    CIFAR(32),
    /** 224 px, with torchvision's crop and colour operations. */
    TORCHVISION(224);

    private final int size;

    Preset(int size) {
      this.size = size;
    }
  }

  static AugmentConfig read(Section section) {
    Range factor = Range.between(0, 10);
    return new AugmentConfig(
        section.choice("preset", Preset.class),
        section.optionalInteger("size", Range.between(8, 1024)),
        section.optionalReal("strength", factor),
        section.optionalInterval("crop-area", Range.aboveUpTo(0, 1)),
        section.optionalInterval("crop-ratio", Range.between(0.01, 100)),
        section.optionalReal("flip", PROBABILITY),
        section.optionalReal("jitter", PROBABILITY),
        section.optionalReal("brightness", factor),
        section.optionalReal("contrast", factor),
        section.optionalReal("saturation", factor),
        section.optionalReal("hue", Range.between(0, 0.5)),
        section.optionalReal("grayscale", PROBABILITY),
        section.optionalReal("blur", PROBABILITY),
        section.optionalInterval("blur-sigma", Range.aboveUpTo(0, 100)));
  }

  /** Side of a view, in pixels. */
  public int imageSize() {
    return size.orElse(preset.size);
  }
}
