package org.simclrspark.data.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.bench.SyntheticPhotos;

class ImageDecoderTest {

  @Test
  void jpegPixelsAreThoseOfTheJdk() throws Exception {
    byte[] file = SyntheticPhotos.jpeg(SyntheticPhotos.photo(123, 77, 5), 0.8f);
    assertSame(decode(file), ImageIO.read(new ByteArrayInputStream(file)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void losslessFilesGiveTheirPixels(String format) throws Exception {
    BufferedImage photo = SyntheticPhotos.photo(61, 40, 2);
    assertSame(decode(encode(photo, format)), photo);
  }

  @Test
  void grayIsNotBrightened() throws Exception {
    BufferedImage gray = new BufferedImage(256, 2, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage deep = new BufferedImage(256, 2, BufferedImage.TYPE_USHORT_GRAY);
    for (int x = 0; x < 256; x++) {
      gray.getRaster().setSample(x, 0, 0, x);
      gray.getRaster().setSample(x, 1, 0, x);
      deep.getRaster().setSample(x, 1, 0, x * 257);
    }
    for (BufferedImage image : new BufferedImage[] {gray, deep}) {
      Pixels pixels = decode(encode(image, "png"));
      for (int x = 0; x < 256; x++) {
        assertPixel(pixels, x, 1, x, x, x);
      }
    }
    Pixels jpeg = decode(encode(gray, "jpg"));
    assertThat(Pixels.green(jpeg.words()[100])).isBetween(97, 103);
  }

  @Test
  void palettesAndTransparencyBecomeRgb() throws Exception {
    byte[] values = {0, (byte) 200, 50};
    BufferedImage palette =
        new BufferedImage(
            3,
            1,
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, 3, values, new byte[3], values));
    for (int x = 0; x < 3; x++) {
      palette.getRaster().setSample(x, 0, 0, x);
    }
    Pixels indexed = decode(encode(palette, "png"));
    assertPixel(indexed, 1, 0, 200, 0, 200);
    assertPixel(indexed, 2, 0, 50, 0, 50);
    assertPixel(decode(encode(palette, "gif")), 1, 0, 200, 0, 200);

    BufferedImage alpha = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    alpha.setRGB(0, 0, 0x00FF0000);
    alpha.setRGB(1, 0, 0x80000000);
    alpha.setRGB(2, 0, 0xFF102030);
    Pixels transparent = decode(encode(alpha, "png"));
    // As Pillow's convert("RGB"): alpha is left out, nothing is blended.
    assertPixel(transparent, 0, 0, 255, 0, 0);
    assertPixel(transparent, 1, 0, 0, 0, 0);
    assertPixel(transparent, 2, 0, 0x10, 0x20, 0x30);
  }

  @Test
  void sixteenBitsKeepTheHighByte() throws Exception {
    BufferedImage image = DeepColor.rgb16(4, 4, 0x1234, 0xABCD, 0xFF00);
    Pixels pixels = decode(encode(image, "png"));
    assertThat(Pixels.red(pixels.words()[5])).isBetween(0x11, 0x13);
    assertThat(Pixels.green(pixels.words()[5])).isBetween(0xAA, 0xAC);
    assertThat(Pixels.blue(pixels.words()[5])).isBetween(0xFD, 0xFF);
  }

  @Test
  void cmykIsNotReadAsRgb() throws Exception {
    // 16 x 16 of full cyan: C 255, M 0, Y 0, K 0.
    Pixels pixels = decode(CmykJpeg.of(16, 16, 255, 0, 0, 0));
    assertThat(pixels.width()).isEqualTo(16);
    int word = pixels.words()[40];
    assertThat(Pixels.red(word)).isLessThan(100);
    assertThat(Pixels.green(word)).isGreaterThan(120);
    assertThat(Pixels.blue(word)).isGreaterThan(180);
  }

  /** Where the red corner of the stored picture, its first pixel, is in the upright one. */
  @ParameterizedTest
  @CsvSource({
    "1,0,0,48,32", "2,47,0,48,32", "3,47,31,48,32", "4,0,31,48,32",
    "5,0,0,32,48", "6,31,0,32,48", "7,31,47,32,48", "8,0,47,32,48"
  })
  void exifOrientationIsApplied(int orientation, int x, int y, int width, int height)
      throws Exception {
    byte[] file = ExifJpeg.withOrientation(corner(48, 32), orientation);
    Pixels pixels = decode(file);
    assertThat(pixels.width()).isEqualTo(width);
    assertThat(pixels.height()).isEqualTo(height);
    int word = pixels.words()[y * width + x];
    assertThat(Pixels.red(word)).isGreaterThan(200);
    assertThat(Pixels.green(word)).isLessThan(60);
    // The second corner along the stored first row is green: it tells mirrored from turned.
    int secondX = orientation <= 4 ? 47 - x : x;
    int secondY = orientation <= 4 ? y : 47 - y;
    word = pixels.words()[secondY * width + secondX];
    assertThat(Pixels.green(word)).isGreaterThan(200);
    assertThat(Pixels.red(word)).isLessThan(60);
  }

  @Test
  void aJpegShrinksWhileItIsDecoded() throws Exception {
    byte[] file = SyntheticPhotos.jpeg(SyntheticPhotos.photo(200, 120, 1), 0.9f);
    Pixels pixels = new Pixels();
    int[] size = new int[2];
    int divisor =
        decoder()
            .decode(
                record(file),
                (width, height) -> {
                  size[0] = width;
                  size[1] = height;
                  return 4;
                },
                pixels);
    assertThat(divisor).isEqualTo(4);
    assertThat(size).containsExactly(200, 120);
    assertThat(pixels.width()).isEqualTo(50);
    assertThat(pixels.height()).isEqualTo(30);
    Pixels full = decode(file);
    // A reduced pixel is the mean of the 16 it stands for, but for what the JPEG rounds.
    double sum = 0;
    for (int i = 0; i < 16; i++) {
      sum += Pixels.green(full.words()[(40 + i / 4) * 200 + 60 + i % 4]);
    }
    assertThat((double) Pixels.green(pixels.words()[10 * 50 + 15]))
        .isBetween(sum / 16 - 12, sum / 16 + 12);
  }

  @Test
  void aBufferServesImagesOfAllSizes() throws Exception {
    Pixels pixels = new Pixels();
    ImageDecoder decoder = decoder();
    for (int size : new int[] {40, 9, 64, 1}) {
      BufferedImage photo = SyntheticPhotos.photo(size, size + 3, size);
      decoder.decode(record(encode(photo, "png")), pixels);
      assertSame(pixels, photo);
    }
  }

  @Test
  void limitsHoldBeforeDecoding() throws Exception {
    ImageDecoder small = new ImageDecoder(new DecodeLimits(20_000, 1000));
    byte[] jpeg = SyntheticPhotos.jpeg(SyntheticPhotos.photo(40, 30, 1), 0.5f);
    assertThatThrownBy(() -> small.decode(record(jpeg), new Pixels()))
        .isInstanceOf(DamagedImageException.class)
        .hasMessageContaining("40 x 30 pixels, more than 1000, the limit data.limits.megapixels");
    byte[] gif = encode(SyntheticPhotos.photo(40, 30, 1), "gif");
    assertThatThrownBy(() -> small.decode(record(gif), new Pixels()))
        .hasMessageContaining("pixels, more than 1000, the limit data.limits.megapixels");
    assertThatThrownBy(() -> small.decode(record(new byte[20_001]), new Pixels()))
        .hasMessageContaining("more than 20000 bytes, the limit data.limits.file-size");
  }

  static ImageDecoder decoder() {
    return new ImageDecoder(DecodeLimits.DEFAULT);
  }

  static Pixels decode(byte[] file) throws DamagedImageException {
    Pixels pixels = new Pixels();
    decoder().decode(record(file), pixels);
    return pixels;
  }

  static ImageRecord record(byte[] file) {
    return new ImageRecord(0, null, "test", Encoding.FILE, file);
  }

  static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  private static BufferedImage corner(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.RED);
    graphics.fillRect(0, 0, 16, 16);
    graphics.setColor(Color.GREEN);
    graphics.fillRect(width - 16, 0, 16, 16);
    graphics.dispose();
    return image;
  }

  private static void assertSame(Pixels found, BufferedImage expected) {
    assertThat(found.width()).isEqualTo(expected.getWidth());
    assertThat(found.height()).isEqualTo(expected.getHeight());
    for (int i = 0; i < found.width() * found.height(); i++) {
      int rgb = expected.getRGB(i % found.width(), i / found.width());
      assertThat(found.words()[i] >>> 8).isEqualTo(rgb & 0xFFFFFF);
    }
  }

  private static void assertPixel(Pixels pixels, int x, int y, int red, int green, int blue) {
    int word = pixels.words()[y * pixels.width() + x];
    assertThat(word & ~0xFF).isEqualTo(Pixels.word(red, green, blue));
  }
}
