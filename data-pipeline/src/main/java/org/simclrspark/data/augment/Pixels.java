package org.simclrspark.data.augment;

/**
 * A decoded image: unsigned RGB bytes in a buffer that is reused from image to image. The value of
 * channel c at (x, y) is at {@code c * planeStride + y * rowStride + x * pixelStride}.
 */
final class Pixels {
  int width;
  int height;
  byte[] bytes = new byte[0];
  int planeStride;
  int rowStride;
  int pixelStride;

  /** Takes planes one after the other, as CIFAR stores them, without copying. */
  void wrapPlanar(byte[] planes, int planeWidth, int planeHeight) {
    bytes = planes;
    width = planeWidth;
    height = planeHeight;
    planeStride = planeWidth * planeHeight;
    rowStride = planeWidth;
    pixelStride = 1;
  }

  int offset(int channel, int x, int y) {
    return channel * planeStride + y * rowStride + x * pixelStride;
  }
}
