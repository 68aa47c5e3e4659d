package org.simclrspark.data.decode;

/** Turns and mirrors pixels upright, by EXIF's orientation. */
final class Orientation {
  private Orientation() {}

  /**
   * Writes the upright image.
   *
   * @param orientation 1 to 8: which edges of the picture the stored first row and first column are
   */
  static void apply(Pixels from, int orientation, Pixels to) {
    boolean transposed = orientation >= 5;
    int width = transposed ? from.height() : from.width();
    int height = transposed ? from.width() : from.height();
    to.resize(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column =
            switch (orientation) {
              case 2, 3 -> width - 1 - x;
              case 5, 8 -> orientation == 5 ? y : height - 1 - y;
              case 6 -> y;
              case 7 -> height - 1 - y;
              default -> x;
            };
        int row =
            switch (orientation) {
              case 3, 4 -> height - 1 - y;
              case 5, 8 -> x;
              case 6, 7 -> width - 1 - x;
              default -> y;
            };
        to.words()[y * width + x] = from.words()[row * from.width() + column];
      }
    }
  }
}
