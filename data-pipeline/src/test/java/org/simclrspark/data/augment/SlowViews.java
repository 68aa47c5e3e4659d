package org.simclrspark.data.augment;

import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings.ColorModel;
import org.simclrspark.data.augment.AugmentSettings.Edges;
import org.simclrspark.data.augment.AugmentSettings.Resampling;

/** Views of CIFAR images worked out operation by operation, pixel by pixel, in doubles. */
final class SlowViews {
  private final AugmentSettings settings;
  private final int size;

  private SlowViews(AugmentSettings settings) {
    this.settings = settings;
    this.size = settings.size();
  }

  static double[] view(
      AugmentSettings settings, ImageRecord image, long seed, int epoch, int view) {
    Draw draw = new Draw();
    draw.draw(settings, 32, 32, seed, epoch, image.id(), view);
    return new SlowViews(settings).view(image, draw);
  }

  private double[] view(ImageRecord image, Draw draw) {
    double[] pixels = resample(image.bytes(), draw);
    if (draw.jitter) {
      for (int place = 0; place < 4; place++) {
        switch (Draw.operation(draw.order, place)) {
          case 0 -> brightness(pixels, draw.brightness);
          case 1 -> contrast(pixels, draw.contrast);
          case 2 -> saturation(pixels, draw.saturation);
          default -> hue(pixels, draw.hue);
        }
        clip(pixels);
      }
    }
    if (draw.gray) {
      for (int i = 0; i < size * size; i++) {
        setPixel(pixels, i, gray(pixel(pixels, i)));
      }
    }
    clip(pixels);
    if (draw.blur) {
      pixels = blur(pixels, draw.sigma);
    }
    clip(pixels);
    return pixels;
  }

  private double[] resample(byte[] image, Draw draw) {
    double[] out = new double[3 * size * size];
    CropBox crop = draw.crop;
    for (int i = 0; i < out.length; i++) {
      int channel = i / (size * size);
      int y = i / size % size;
      int x = draw.flip ? size - 1 - i % size : i % size;
      double sum = 0;
      double total = 0;
      for (int v = 0; v < crop.height; v++) {
        for (int u = 0; u < crop.width; u++) {
          double weight = weight(u, x, crop.width) * weight(v, y, crop.height);
          total += weight;
          sum += weight * (image[channel * 1024 + (crop.top + v) * 32 + crop.left + u] & 0xFF);
        }
      }
      out[i] = sum / total / 255;
    }
    return out;
  }

  private double weight(int from, int to, int length) {
    double scale = (double) length / size;
    double x = Math.abs(from + 0.5 - (to + 0.5) * scale);
    if (settings.crop().resampling() == Resampling.BILINEAR_ANTIALIASED) {
      return Math.max(0, 1 - x / Math.max(1, scale));
    }
    if (x < 1) {
      return 1.5 * x * x * x - 2.5 * x * x + 1;
    }
    return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
  }

  private void brightness(double[] pixels, double factor) {
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] *= factor;
    }
  }

  private void contrast(double[] pixels, double factor) {
    double[] means = new double[3];
    for (int i = 0; i < pixels.length; i++) {
      means[i / (size * size)] += pixels[i] / (size * size);
    }
    for (int i = 0; i < pixels.length; i++) {
      double mean =
          settings.jitter().model() == ColorModel.CHANNEL_MEAN
              ? means[i / (size * size)]
              : gray(means);
      pixels[i] = (pixels[i] - mean) * factor + mean;
    }
  }

  private void saturation(double[] pixels, double factor) {
    for (int i = 0; i < size * size; i++) {
      double[] rgb = pixel(pixels, i);
      if (settings.jitter().model() == ColorModel.CHANNEL_MEAN) {
        double[] hsv = Hsv.fromRgb(rgb[0], rgb[1], rgb[2]);
        setPixel(pixels, i, Hsv.toRgb(hsv[0], Math.min(1, hsv[1] * factor), hsv[2]));
      } else {
        double gray = gray(rgb);
        setPixel(
            pixels,
            i,
            factor * rgb[0] + (1 - factor) * gray,
            factor * rgb[1] + (1 - factor) * gray,
            factor * rgb[2] + (1 - factor) * gray);
      }
    }
  }

  private void hue(double[] pixels, double turns) {
    for (int i = 0; i < size * size; i++) {
      double[] rgb = pixel(pixels, i);
      double[] hsv = Hsv.fromRgb(rgb[0], rgb[1], rgb[2]);
      setPixel(pixels, i, Hsv.toRgb(hsv[0] + turns, hsv[1], hsv[2]));
    }
  }

  private double[] blur(double[] pixels, double sigma) {
    int radius = settings.blur().kernel() / 2;
    double[] out = new double[pixels.length];
    double total = 0;
    for (int dy = -radius; dy <= radius; dy++) {
      for (int dx = -radius; dx <= radius; dx++) {
        double weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        total += weight;
        for (int i = 0; i < out.length; i++) {
          int y = i / size % size + dy;
          int x = i % size + dx;
          if (settings.blur().edges() == Edges.REFLECT) {
            y = reflect(y);
            x = reflect(x);
          } else if (y < 0 || y >= size || x < 0 || x >= size) {
            continue;
          }
          out[i] += weight * pixels[i / (size * size) * size * size + y * size + x];
        }
      }
    }
    for (int i = 0; i < out.length; i++) {
      out[i] /= total;
    }
    return out;
  }

  private int reflect(int index) {
    return size - 1 - Math.abs(size - 1 - Math.abs(index));
  }

  private double[] pixel(double[] pixels, int i) {
    return new double[] {pixels[i], pixels[size * size + i], pixels[2 * size * size + i]};
  }

  private void setPixel(double[] pixels, int i, double... rgb) {
    for (int channel = 0; channel < 3; channel++) {
      pixels[channel * size * size + i] = rgb[rgb.length == 1 ? 0 : channel];
    }
  }

  private static double gray(double[] rgb) {
    return 0.2989 * rgb[0] + 0.5870 * rgb[1] + 0.1140 * rgb[2];
  }

  private static void clip(double[] pixels) {
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.min(1, Math.max(0, pixels[i]));
    }
  }
}
