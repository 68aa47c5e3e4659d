package org.simclrspark.driver.config;

import java.util.Optional;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.AugmentSettings.Blur;
import org.simclrspark.data.augment.AugmentSettings.Crop;
import org.simclrspark.data.augment.AugmentSettings.Jitter;

/**
 * How two views are made of an image. What is absent is the preset's.
 *
 * @param preset where to start from
 * @param size side of a view, in pixels
 * @param strength s, which scales the colour jitter
 * @param cropArea share of the image's area that a crop covers
 * @param cropRatio width over height of a crop
 * @param minObjectCovered part of the image below which a crop is drawn again
 * @param flip probability of the horizontal flip
 * @param jitter probability of the colour jitter
 * @param brightness range of the brightness factor at strength 1: 1 plus or minus this
 * @param contrast range of the contrast factor at strength 1
 * @param saturation range of the saturation factor at strength 1
 * @param hue range of the hue shift at strength 1, in turns
 * @param grayscale probability of losing the colours
 * @param blur probability of the Gaussian blur
 * @param blurSigma standard deviation of the blur, in pixels
 * @param evaluationCrop side of the central square for evaluation, as a part of the shorter side
 * @param evaluationSize side of what evaluation sees, in pixels; empty: that of a view
 */
public record AugmentConfig(
    Preset preset,
    Optional<Integer> size,
    Optional<Double> strength,
    Optional<Interval> cropArea,
    Optional<Interval> cropRatio,
    Optional<Double> minObjectCovered,
    Optional<Double> flip,
    Optional<Double> jitter,
    Optional<Double> brightness,
    Optional<Double> contrast,
    Optional<Double> saturation,
    Optional<Double> hue,
    Optional<Double> grayscale,
    Optional<Double> blur,
    Optional<Interval> blurSigma,
    Optional<Double> evaluationCrop,
    Optional<Integer> evaluationSize) {

  /** Ranges of the paper's jitter at strength 1 (Chen et al. 2020, appendix A). */
  private static final double FACTOR = 0.8;

  private static final double HUE = 0.2;

  private static final Range SIDE = Range.between(8, 1024);

  private static final Range PROBABILITY = Range.between(0, 1);

  /** A known set of augmentations. */
  public enum Preset {
    /** 224 px, strength 1, with blur (google-research/simclr, {@code tf2/data_util.py}). */
    SIMCLR(224, 1),
    /** 32 px, strength 0.5, no blur (Chen et al. 2020, appendix B.9). */
    CIFAR(32, 0.5),
    /** 224 px, by torchvision's transforms. */
    TORCHVISION(224, 1);

    private final int size;
    private final double strength;

    Preset(int size, double strength) {
      this.size = size;
      this.strength = strength;
    }
  }

  static AugmentConfig read(Section section) {
    Range factor = Range.between(0, 10);
    AugmentConfig result =
        new AugmentConfig(
            section.choice("preset", Preset.class),
            section.optionalInteger("size", SIDE),
            section.optionalReal("strength", factor),
            section.optionalInterval("crop-area", Range.aboveUpTo(0, 1)),
            section.optionalInterval("crop-ratio", Range.between(0.01, 100)),
            section.optionalReal("min-object-covered", PROBABILITY),
            section.optionalReal("flip", PROBABILITY),
            section.optionalReal("jitter", PROBABILITY),
            section.optionalReal("brightness", factor),
            section.optionalReal("contrast", factor),
            section.optionalReal("saturation", factor),
            section.optionalReal("hue", Range.between(0, 0.5)),
            section.optionalReal("grayscale", PROBABILITY),
            section.optionalReal("blur", PROBABILITY),
            section.optionalInterval("blur-sigma", Range.aboveUpTo(0, 100)),
            section.optionalReal("evaluation-crop", Range.aboveUpTo(0, 1)),
            section.optionalInteger("evaluation-size", SIDE));
    result.check(section);
    return result;
  }

  private void check(Section section) {
    double turns = jitterStrength() * hue.orElse(HUE);
    if (turns > 0.5) {
      section.reject(
          strength.isPresent() ? "strength" : "hue",
          "times the other of augment.strength and augment.hue must be at most 0.5 turns, found "
              + turns,
          "Lower one of them.");
    }
    Crop crop = crop(base().crop());
    if (crop.minObjectCovered() > crop.areaMax()) {
      section.reject(
          minObjectCovered.isPresent() ? "min-object-covered" : "crop-area",
          "must leave crops of augment.min-object-covered, %s, found no area above %s"
              .formatted(crop.minObjectCovered(), crop.areaMax()),
          "Lower augment.min-object-covered, or raise the end of augment.crop-area.");
    }
  }

  private double jitterStrength() {
    return strength.orElse(preset.strength);
  }

  /** The settings as the augmenter takes them. */
  public AugmentSettings settings() {
    int pixels = imageSize();
    AugmentSettings base = base();
    return new AugmentSettings(
        pixels,
        crop(base.crop()),
        flip.orElse(base.flipProbability()),
        jitter(base.jitter()),
        grayscale.orElse(base.grayProbability()),
        blur(base.blur()),
        evaluationCrop.orElse(base.evaluationCrop()));
  }

  private AugmentSettings base() {
    return switch (preset) {
      case SIMCLR -> AugmentSettings.simclr(imageSize());
      case CIFAR -> AugmentSettings.cifar();
      case TORCHVISION -> AugmentSettings.torchvision(imageSize());
    };
  }

  private Crop crop(Crop base) {
    Interval area = cropArea.orElse(new Interval(base.areaMin(), base.areaMax()));
    Interval ratio = cropRatio.orElse(new Interval(base.aspectMin(), base.aspectMax()));
    return new Crop(
        area.low(),
        area.high(),
        ratio.low(),
        ratio.high(),
        base.sampling(),
        base.attempts(),
        minObjectCovered.orElse(base.minObjectCovered()),
        base.resampling());
  }

  private Jitter jitter(Jitter base) {
    double s = jitterStrength();
    return new Jitter(
        jitter.orElse(base.probability()),
        s * brightness.orElse(FACTOR),
        s * contrast.orElse(FACTOR),
        s * saturation.orElse(FACTOR),
        s * hue.orElse(HUE),
        base.model());
  }

  private Blur blur(Blur base) {
    Interval sigma = blurSigma.orElse(new Interval(base.sigmaMin(), base.sigmaMax()));
    return new Blur(
        blur.orElse(base.probability()),
        sigma.low(),
        sigma.high(),
        Blur.kernelOf(imageSize()),
        base.edges());
  }

  /** Side of a view, in pixels. */
  public int imageSize() {
    return size.orElse(preset.size);
  }
}
