package org.simclrspark.data.augment;

import org.simclrspark.data.augment.AugmentSettings.Crop;
import org.simclrspark.data.augment.KeyedRandom.Purpose;

/** The rectangle of an image that a view shows, in pixels. */
final class CropBox {
  int left;
  int top;
  int width;
  int height;

  /** Draws a rectangle within an image. */
  void draw(Crop crop, int imageWidth, int imageHeight, KeyedRandom random) {
    for (int attempt = 0; attempt < crop.attempts(); attempt++) {
      boolean fits =
          switch (crop.sampling()) {
            case UNIFORM_HEIGHT ->
                drawUniformHeight(crop, imageWidth, imageHeight, random, attempt);
            case UNIFORM_AREA -> drawUniformArea(crop, imageWidth, imageHeight, random, attempt);
          };
      if (fits) {
        top = random.below(Purpose.TOP, attempt, imageHeight - height + 1);
        left = random.below(Purpose.LEFT, attempt, imageWidth - width + 1);
        return;
      }
    }
    clampWhole(crop, imageWidth, imageHeight);
  }

  /**
   * As {@code GenerateRandomCrop} of TensorFlow's {@code sample_distorted_bounding_box}, with
   * {@code min_object_covered} 0.
   */
  private boolean drawUniformHeight(
      Crop crop, int imageWidth, int imageHeight, KeyedRandom random, int attempt) {
    double aspect = random.uniform(Purpose.ASPECT, attempt, crop.aspectMin(), crop.aspectMax());
    double image = (double) imageWidth * imageHeight;
    double areaMin = crop.areaMin() * image;
    double areaMax = crop.areaMax() * image;
    int greatest = round(Math.sqrt(areaMax / aspect));
    if (round(greatest * aspect) > imageWidth) {
      greatest = (int) ((imageWidth + 0.5 - 1e-7) / aspect);
    }
    greatest = Math.min(greatest, imageHeight);
    int least = Math.min(round(Math.sqrt(areaMin / aspect)), greatest);
    height = least + random.below(Purpose.EXTENT, attempt, greatest - least + 1);
    width = round(height * aspect);
    if ((double) width * height < areaMin) {
      height++;
      width = round(height * aspect);
    }
    if ((double) width * height > areaMax) {
      height--;
      width = round(height * aspect);
    }
    double area = (double) width * height;
    return area >= areaMin && area <= areaMax && fits(imageWidth, imageHeight);
  }

  /** As {@code RandomResizedCrop.get_params} of torchvision. */
  private boolean drawUniformArea(
      Crop crop, int imageWidth, int imageHeight, KeyedRandom random, int attempt) {
    double image = (double) imageWidth * imageHeight;
    double area = image * random.uniform(Purpose.EXTENT, attempt, crop.areaMin(), crop.areaMax());
    double aspect =
        StrictMath.exp(
            random.uniform(
                Purpose.ASPECT,
                attempt,
                StrictMath.log(crop.aspectMin()),
                StrictMath.log(crop.aspectMax())));
    width = round(Math.sqrt(area * aspect));
    height = round(Math.sqrt(area / aspect));
    return fits(imageWidth, imageHeight);
  }

  /** The greatest central rectangle with an aspect that is allowed. */
  private void clampWhole(Crop crop, int imageWidth, int imageHeight) {
    double aspect = (double) imageWidth / imageHeight;
    width = imageWidth;
    height = imageHeight;
    if (aspect < crop.aspectMin()) {
      height = Math.max(1, Math.min(imageHeight, round(imageWidth / crop.aspectMin())));
    } else if (aspect > crop.aspectMax()) {
      width = Math.max(1, Math.min(imageWidth, round(imageHeight * crop.aspectMax())));
    }
    left = (imageWidth - width) / 2;
    top = (imageHeight - height) / 2;
  }

  /** The central square of a side that is a part of the shorter side. */
  void center(double part, int imageWidth, int imageHeight) {
    int side = Math.max(1, round(part * Math.min(imageWidth, imageHeight)));
    width = side;
    height = side;
    left = (imageWidth - side + 1) / 2;
    top = (imageHeight - side + 1) / 2;
  }

  private boolean fits(int imageWidth, int imageHeight) {
    return width > 0 && height > 0 && width <= imageWidth && height <= imageHeight;
  }

  private static int round(double value) {
    return (int) Math.rint(value);
  }
}
