package org.simclrspark.data.decode;

/**
 * A decoded image in a buffer that is reused from image to image: one int a pixel, row by row, red
 * in the highest byte, then green, then blue; the lowest byte means nothing.
 */
public final class Pixels {
  private int[] words = new int[0];
  private int width;
  private int height;

  /** Takes a new size; the pixels are undefined until they are written. */
  public void resize(int newWidth, int newHeight) {
    int needed = Math.multiplyExact(newWidth, newHeight);
    if (words.length < needed) {
      words = new int[needed];
    }
    width = newWidth;
    height = newHeight;
  }

  /** Gives the buffer back; the image is gone. */
  void release() {
    words = new int[0];
    width = 0;
    height = 0;
  }

  /** In pixels. */
  public int width() {
    return width;
  }

  /** In pixels. */
  public int height() {
    return height;
  }

  /** The buffer itself, [height, width], perhaps longer. */
  public int[] words() {
    return words;
  }

  /** Red, 0 to 255. */
  public static int red(int word) {
    return word >>> 24;
  }

  /** Green, 0 to 255. */
  public static int green(int word) {
    return word >>> 16 & 0xFF;
  }

  /** Blue, 0 to 255. */
  public static int blue(int word) {
    return word >>> 8 & 0xFF;
  }

  /** A pixel of three values from 0 to 255. */
  public static int word(int red, int green, int blue) {
    return red << 24 | green << 16 | blue << 8;
  }
}
