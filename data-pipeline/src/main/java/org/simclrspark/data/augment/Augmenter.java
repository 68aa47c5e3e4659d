package org.simclrspark.data.augment;

import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings.ColorModel;

/**
 * Makes the random views of images: crop, flip, colour jitter, gray, blur.
 *
 * <p>A view is unsigned bytes, planar, [3, size, size], row-major; the byte is round(255 x) of the
 * value x in [0, 1]. It depends on the settings, the image, the seed, the epoch and its index
 * alone, bit for bit on every machine. One augmenter serves one thread; it keeps its buffers.
 */
public final class Augmenter {
  private static final int BLOCK = 2048;

  private final AugmentSettings settings;
  private final int plane;
  private final ImageDecoder decoder = new ImageDecoder();
  private final Pixels pixels = new Pixels();
  private final Draw draw = new Draw();
  private final CropBox center = new CropBox();
  private final Resampler resampler;
  private final GaussianBlur blur;
  private final float[] values;
  private final float[] means = new float[3];

  public Augmenter(AugmentSettings settings) {
    this.settings = settings;
    this.plane = settings.size() * settings.size();
    this.resampler = new Resampler(settings.size(), settings.crop().antialias());
    this.blur = new GaussianBlur(settings.size(), settings.blur().kernel());
    this.values = new float[3 * plane];
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
    decoder.decode(image, pixels);
    view(image.id(), seed, epoch, 0, first, firstOffset);
    view(image.id(), seed, epoch, 1, second, secondOffset);
  }

  /**
   * Writes the image as evaluation sees it: the central square, resized, nothing random.
   *
   * @param out receives {@link AugmentSettings#viewBytes()} bytes, [3, size, size]
   * @param offset where they start
   * @throws DataException if the image is damaged
   */
  public void evaluationView(ImageRecord image, byte[] out, int offset) {
    decoder.decode(image, pixels);
    center.center(settings.evaluationCrop(), pixels.width, pixels.height);
    resampler.resample(pixels, center, false, values);
    quantise(out, offset);
  }

  private void view(long id, long seed, int epoch, int view, byte[] out, int offset) {
    draw.draw(settings, pixels.width, pixels.height, seed, epoch, id, view);
    resampler.resample(pixels, draw.crop, draw.flip, values);
    if (draw.jitter) {
      jitter();
    }
    if (draw.gray) {
      Colors.gray(values, plane, 0, plane);
    }
    if (draw.blur) {
      for (int channel = 0; channel < 3; channel++) {
        blur.blur(values, channel * plane, draw.sigma);
      }
    }
    quantise(out, offset);
  }

  /** The operations up to the contrast block by block, then, with the means known, the others. */
  private void jitter() {
    int contrastPlace = 0;
    while (Draw.operation(draw.order, contrastPlace) != 1) {
      contrastPlace++;
    }
    for (int from = 0; from < plane; from += BLOCK) {
      int to = Math.min(plane, from + BLOCK);
      for (int place = 0; place < contrastPlace; place++) {
        apply(Draw.operation(draw.order, place), from, to);
      }
    }
    computeMeans();
    for (int from = 0; from < plane; from += BLOCK) {
      int to = Math.min(plane, from + BLOCK);
      for (int place = contrastPlace; place < 4; place++) {
        apply(Draw.operation(draw.order, place), from, to);
      }
    }
  }

  private void apply(int operation, int from, int to) {
    switch (operation) {
      case 0 -> Colors.brightness(values, plane, from, to, draw.brightness);
      case 1 -> {
        for (int channel = 0; channel < 3; channel++) {
          Colors.contrast(values, plane, channel, from, to, draw.contrast, means[channel]);
        }
      }
      case 2 -> {
        if (settings.jitter().model() == ColorModel.CHANNEL_MEAN) {
          Colors.saturationHsv(values, plane, from, to, draw.saturation);
        } else {
          Colors.saturationGray(values, plane, from, to, draw.saturation);
        }
      }
      default -> Colors.hue(values, plane, from, to, draw.hue);
    }
  }

  private void computeMeans() {
    for (int channel = 0; channel < 3; channel++) {
      means[channel] = (float) Colors.mean(values, plane, channel);
    }
    if (settings.jitter().model() == ColorModel.GRAY_MEAN) {
      float gray = Colors.gray(means[0], means[1], means[2]);
      means[0] = gray;
      means[1] = gray;
      means[2] = gray;
    }
  }

  private void quantise(byte[] out, int offset) {
    for (int i = 0; i < values.length; i++) {
      out[offset + i] = (byte) (Colors.clip(values[i]) * 255 + 0.5f);
    }
  }
}
