package org.simclrspark.data.augment;

import java.util.Arrays;
import java.util.Optional;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings.ColorModel;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.Pixels;

/**
 * Makes the random views of images: crop, flip, colour jitter, gray, blur.
 *
 * <p>A view is unsigned bytes, planar, [3, size, size], row-major; the byte is round(255 x) of the
 * value x in [0, 1]. It depends on the settings, the image, the seed, the epoch and its index
 * alone, bit for bit on every machine. One augmenter serves one thread; it keeps its buffers.
 */
public final class Augmenter {
  /** Pixels that stay in the first cache while the colour operations pass over them. */
  private static final int BLOCK = 32 * Planes.ALIGNMENT;

  private final AugmentSettings settings;
  private final ImageDecoder decoder;
  private final Pixels pixels = new Pixels();
  private final Draw[] draws = {new Draw(), new Draw()};
  private final CropBox center = new CropBox();
  private final Resampler resampler;
  private final GaussianBlur blur;
  private final Planes planes;
  private final float[] means = new float[3];

  public Augmenter(AugmentSettings settings) {
    this(settings, DecodeLimits.DEFAULT);
  }

  /** An augmenter that refuses images beyond the limits. */
  public Augmenter(AugmentSettings settings, DecodeLimits limits) {
    this.settings = settings;
    this.decoder = new ImageDecoder(limits);
    this.resampler = new Resampler(settings.size(), settings.crop().resampling());
    this.blur = new GaussianBlur(settings.size(), settings.blur());
    this.planes = new Planes(settings.size());
  }

  /** The settings it was made with. */
  public AugmentSettings settings() {
    return settings;
  }

  /**
   * Writes the two views of an image, from one decoding.
   *
   * @param first receives view 0, {@link AugmentSettings#viewBytes()} bytes
   * @param firstOffset where it starts
   * @param second receives view 1; may be the same array
   * @param secondOffset where it starts
   * @throws DataException if the image is damaged
   */
  public void views(
      ImageRecord image,
      long seed,
      int epoch,
      byte[] first,
      int firstOffset,
      byte[] second,
      int secondOffset) {
    try {
      tryViews(image, seed, epoch, first, firstOffset, second, secondOffset);
    } catch (DamagedImageException e) {
      throw ImageDecoder.failure(image, e);
    }
  }

  /**
   * As {@link #views}, for a caller that can go on without the image.
   *
   * @throws DamagedImageException if the image cannot be decoded, with the reason
   */
  public void tryViews(
      ImageRecord image,
      long seed,
      int epoch,
      byte[] first,
      int firstOffset,
      byte[] second,
      int secondOffset)
      throws DamagedImageException {
    decoder.decode(image, pixels);
    for (int view = 0; view < draws.length; view++) {
      draws[view].draw(settings, pixels.width(), pixels.height(), seed, epoch, image.id(), view);
    }
    view(draws[0], first, firstOffset);
    view(draws[1], second, secondOffset);
  }

  /**
   * Writes the image as evaluation sees it: the central square, resized, nothing random.
   *
   * @param out receives {@link AugmentSettings#viewBytes()} bytes, [3, size, size]
   * @param offset where they start
   * @throws DataException if the image is damaged
   */
  public void evaluationView(ImageRecord image, byte[] out, int offset) {
    try {
      tryEvaluationView(image, out, offset);
    } catch (DamagedImageException e) {
      throw ImageDecoder.failure(image, e);
    }
  }

  /**
   * As {@link #evaluationView}, for a caller that can go on without the image.
   *
   * @throws DamagedImageException if the image cannot be decoded, with the reason
   */
  public void tryEvaluationView(ImageRecord image, byte[] out, int offset)
      throws DamagedImageException {
    decoder.decode(image, pixels);
    center.center(settings.evaluationCrop(), pixels.width(), pixels.height());
    resampler.resample(pixels, center, false, planes);
    Colors.quantise(planes, out, offset);
  }

  /** What had to be overlooked in the image used last, see {@link ImageDecoder#repair}. */
  public Optional<String> repair() {
    return decoder.repair();
  }

  private void view(Draw draw, byte[] out, int offset) {
    paint(pixels, draw);
    Colors.quantise(planes, out, offset);
  }

  /** Makes the view of a draw, with values that {@link Colors#quantise} clips to [0, 1]. */
  Planes paint(Pixels image, Draw draw) {
    resampler.resample(image, draw.crop, draw.flip, planes);
    if (draw.jitter) {
      planes.clearPadding();
      jitter(draw);
    }
    if (draw.gray) {
      Colors.gray(planes, 0, planes.stride);
    }
    if (draw.blur) {
      if (!draw.jitter) {
        Colors.limit(planes, 0, planes.stride);
      }
      blur.blur(planes, draw.sigma);
    }
    return planes;
  }

  /** The operations up to the contrast block by block, then, with the means known, the others. */
  private void jitter(Draw draw) {
    int contrastPlace = 0;
    while (Draw.operation(draw.order, contrastPlace) != Draw.CONTRAST) {
      contrastPlace++;
    }
    long redSum = 0;
    long greenSum = 0;
    long blueSum = 0;
    for (int from = 0; from < planes.stride; from += BLOCK) {
      int to = Math.min(planes.stride, from + BLOCK);
      for (int place = 0; place < contrastPlace; place++) {
        apply(draw, place, from, to);
      }
      redSum += Colors.fixedPointSum(planes, 0, from, to);
      greenSum += Colors.fixedPointSum(planes, 1, from, to);
      blueSum += Colors.fixedPointSum(planes, 2, from, to);
    }
    setMeans(redSum, greenSum, blueSum);
    for (int from = 0; from < planes.stride; from += BLOCK) {
      int to = Math.min(planes.stride, from + BLOCK);
      for (int place = contrastPlace; place < Draw.OPERATIONS; place++) {
        apply(draw, place, from, to);
      }
    }
  }

  private void apply(Draw draw, int place, int from, int to) {
    switch (Draw.operation(draw.order, place)) {
      case Draw.BRIGHTNESS -> Colors.brightness(planes, from, to, draw.brightness);
      case Draw.CONTRAST -> {
        for (int channel = 0; channel < 3; channel++) {
          Colors.contrast(planes, channel, from, to, draw.contrast, means[channel]);
        }
      }
      case Draw.SATURATION -> {
        if (settings.jitter().model() == ColorModel.CHANNEL_MEAN) {
          Colors.saturationHsv(planes, from, to, draw.saturation);
        } else {
          Colors.saturationGray(planes, from, to, draw.saturation);
        }
      }
      default -> Colors.hue(planes, from, to, draw.hue);
    }
  }

  private void setMeans(long redSum, long greenSum, long blueSum) {
    int count = planes.size * planes.size;
    means[0] = Colors.mean(redSum, count);
    means[1] = Colors.mean(greenSum, count);
    means[2] = Colors.mean(blueSum, count);
    if (settings.jitter().model() == ColorModel.GRAY_MEAN) {
      Arrays.fill(means, Colors.RED * means[0] + Colors.GREEN * means[1] + Colors.BLUE * means[2]);
    }
  }
}
