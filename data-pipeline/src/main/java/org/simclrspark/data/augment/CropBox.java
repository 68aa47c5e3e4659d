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
    switch (crop.sampling()) {
      case UNIFORM_HEIGHT -> drawLikeTensorflow(crop, imageWidth, imageHeight, random);
      case UNIFORM_AREA -> drawLikeTorchvision(crop, imageWidth, imageHeight, random);
    }
  }

  /** TensorFlow's {@code sample_distorted_bounding_box}, the object being the whole image. */
  private void drawLikeTensorflow(Crop crop, int imageWidth, int imageHeight, KeyedRandom random) {
    for (int attempt = 0; attempt < crop.attempts(); attempt++) {
      if (drawUniformHeight(crop, imageWidth, imageHeight, random, attempt)
          && covers(crop, imageWidth, imageHeight)) {
        // The last offset is left out there too.
        top = height < imageHeight ? random.below(Purpose.TOP, attempt, imageHeight - height) : 0;
        left = width < imageWidth ? random.below(Purpose.LEFT, attempt, imageWidth - width) : 0;
        return;
      }
    }
    left = 0;
    top = 0;
    width = imageWidth;
    height = imageHeight;
  }

  /**
   * Its {@code GenerateRandomCrop}, in single precision as there, for roundings decide.
   *
   * @return whether area and sides are within their limits
   */
  private boolean drawUniformHeight(
      Crop crop, int imageWidth, int imageHeight, KeyedRandom random, int attempt) {
    float aspect =
        (float) random.uniform(Purpose.ASPECT, attempt, crop.aspectMin(), crop.aspectMax());
    float areaMin = (float) crop.areaMin() * imageWidth * imageHeight;
    float areaMax = (float) crop.areaMax() * imageWidth * imageHeight;
    int greatest = round((float) Math.sqrt(areaMax / aspect));
    if (round(greatest * aspect) > imageWidth) {
      greatest = (int) ((imageWidth + 0.5 - 1e-7) / aspect);
      if (round(greatest * aspect) > imageWidth) {
        greatest--;
      }
    }
    greatest = Math.min(greatest, imageHeight);
    int least = Math.min(round((float) Math.sqrt(areaMin / aspect)), greatest);
    height = least + random.below(Purpose.EXTENT, attempt, greatest - least + 1);
    width = round(height * aspect);
    // A rounding is no reason to fail.
    if ((float) width * height < areaMin) {
      height++;
      width = round(height * aspect);
    }
    if ((float) width * height > areaMax) {
      height--;
      width = round(height * aspect);
    }
    float area = (float) width * height;
    return area >= areaMin && area <= areaMax && fits(imageWidth, imageHeight);
  }

  private void drawLikeTorchvision(Crop crop, int imageWidth, int imageHeight, KeyedRandom random) {
    for (int attempt = 0; attempt < crop.attempts(); attempt++) {
      if (drawUniformArea(crop, imageWidth, imageHeight, random, attempt)
          && covers(crop, imageWidth, imageHeight)) {
        top = random.below(Purpose.TOP, attempt, imageHeight - height + 1);
        left = random.below(Purpose.LEFT, attempt, imageWidth - width + 1);
        return;
      }
    }
    clampWhole(crop, imageWidth, imageHeight);
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

  private boolean covers(Crop crop, int imageWidth, int imageHeight) {
    float object = (float) imageWidth * imageHeight;
    return (float) width * height / object >= (float) crop.minObjectCovered();
  }

  private boolean fits(int imageWidth, int imageHeight) {
    return width > 0 && height > 0 && width <= imageWidth && height <= imageHeight;
  }

  private static int round(double value) {
    return (int) Math.rint(value);
  }
}
