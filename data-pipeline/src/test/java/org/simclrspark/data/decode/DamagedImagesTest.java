package org.simclrspark.data.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.bench.SyntheticPhotos;

/** Files as they come from broken disks, broken downloads and hostile hands. */
class DamagedImagesTest {

  @Test
  void everyDamagedFileIsReadOrRefusedInOneLine() throws Exception {
    Map<String, byte[]> corpus = corpus();
    assertThat(corpus).hasSizeGreaterThan(400);
    Augmenter augmenter = new Augmenter(AugmentSettings.simclr(32));
    byte[] views = new byte[2 * 3 * 32 * 32];
    int refused = 0;
    for (Map.Entry<String, byte[]> file : corpus.entrySet()) {
      try {
        augmenter.tryViews(
            ImageDecoderTest.record(file.getValue()), 1, 0, views, 0, views, views.length / 2);
      } catch (DamagedImageException e) {
        assertThat(e.getMessage()).as(file.getKey()).isNotBlank().doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(250);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png"})
  void aTruncatedFileIsRefused(String format) throws Exception {
    byte[] whole = ImageDecoderTest.encode(SyntheticPhotos.photo(64, 48, 1), format);
    for (int percent = 1; percent < 98; percent += 4) {
      byte[] part = Arrays.copyOf(whole, whole.length * percent / 100);
      assertThatThrownBy(() -> ImageDecoderTest.decode(part))
          .isInstanceOf(DamagedImageException.class);
    }
  }

  @Test
  void aDamagedImageLeavesNothingBehind() throws Exception {
    byte[] good = SyntheticPhotos.jpeg(SyntheticPhotos.photo(64, 48, 1), 0.9f);
    byte[] other = SyntheticPhotos.jpeg(SyntheticPhotos.photo(80, 80, 2), 0.9f);
    Pixels expected = ImageDecoderTest.decode(good);
    ImageDecoder decoder = ImageDecoderTest.decoder();
    Pixels pixels = new Pixels();
    decoder.decode(ImageDecoderTest.record(other), pixels);
    assertThatThrownBy(
            () -> decoder.decode(ImageDecoderTest.record(Arrays.copyOf(other, 900)), pixels))
        .hasMessageContaining("truncated");
    decoder.decode(ImageDecoderTest.record(good), pixels);
    int count = pixels.width() * pixels.height();
    assertThat(Arrays.copyOf(pixels.words(), count))
        .isEqualTo(Arrays.copyOf(expected.words(), count));
  }

  @Test
  void anEmptyFileAndANoteSayWhatTheyAre() {
    assertThatThrownBy(() -> ImageDecoderTest.decode(new byte[0])).hasMessage("the file is empty");
    assertThatThrownBy(() -> ImageDecoderTest.decode("Not an image".getBytes("UTF-8")))
        .hasMessage(
            "the file is no image of a known format: JPEG, PNG, WebP, TIFF, BMP, GIF or PNM");
  }

  private static Map<String, byte[]> corpus() throws Exception {
    Map<String, byte[]> corpus = new LinkedHashMap<>();
    BufferedImage photo = SyntheticPhotos.photo(70, 50, 3);
    Map<String, byte[]> whole = new LinkedHashMap<>();
    for (String format : List.of("jpg", "png", "gif", "bmp")) {
      whole.put(format, ImageDecoderTest.encode(photo, format));
    }
    whole.put("cmyk.jpg", CmykJpeg.of(40, 30, 200, 20, 0, 10));
    whole.put("exif.jpg", ExifJpeg.withOrientation(photo, 6));
    whole.put("deep.png", ImageDecoderTest.encode(DeepColor.rgb16(20, 20, 1, 2, 3), "png"));
    Random random = new Random(7);
    whole.forEach(
        (name, file) -> {
          corpus.put(name, file);
          for (int i = 0; i < 30; i++) {
            corpus.put(name + " cut " + i, Arrays.copyOf(file, file.length * i / 30));
          }
          for (int i = 0; i < 30; i++) {
            corpus.put(name + " flipped " + i, flipped(file, 1 + i % 10, random));
          }
          corpus.put(name + " with a tail", Arrays.copyOf(file, file.length + 5000));
        });
    for (int size : new int[] {0, 1, 2, 3, 8, 100, 5000}) {
      byte[] noise = new byte[size];
      random.nextBytes(noise);
      corpus.put("noise " + size, noise);
      corpus.put("zeros " + size, new byte[size]);
    }
    corpus.put("huge.png", sized(whole.get("png"), 16, 0x7FFF_FFFF, 0x7FFF_FFFF));
    corpus.put("large.png", sized(whole.get("png"), 16, 9000, 9000));
    corpus.put("huge.jpg", huge(whole.get("jpg")));
    for (int[] size : new int[][] {{1, 1}, {20_000, 1}, {1, 20_000}, {1, 2}}) {
      BufferedImage thin = new BufferedImage(size[0], size[1], BufferedImage.TYPE_INT_RGB);
      for (String format : List.of("jpg", "png")) {
        corpus.put(size[0] + "x" + size[1] + "." + format, ImageDecoderTest.encode(thin, format));
      }
    }
    return corpus;
  }

  @Test
  void thinImagesAreRead() throws Exception {
    List<Integer> widths = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : corpus().entrySet()) {
      if (file.getKey().matches("(1|20000)x(1|20000)\\..*")) {
        widths.add(ImageDecoderTest.decode(file.getValue()).width());
      }
    }
    assertThat(widths).containsExactly(1, 1, 20_000, 20_000, 1, 1);
  }

  private static byte[] flipped(byte[] file, int count, Random random) {
    byte[] damaged = file.clone();
    for (int i = 0; i < count; i++) {
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return damaged;
  }

  private static byte[] sized(byte[] png, int at, int width, int height) {
    byte[] damaged = png.clone();
    for (int i = 0; i < 4; i++) {
      damaged[at + i] = (byte) (width >> (24 - 8 * i));
      damaged[at + 4 + i] = (byte) (height >> (24 - 8 * i));
    }
    CRC32 checksum = new CRC32();
    checksum.update(damaged, at - 4, 17);
    for (int i = 0; i < 4; i++) {
      damaged[at + 13 + i] = (byte) (checksum.getValue() >> (24 - 8 * i));
    }
    return damaged;
  }

  private static byte[] huge(byte[] jpeg) {
    byte[] damaged = jpeg.clone();
    for (int at = 2; at < damaged.length - 9; at++) {
      if (damaged[at] == (byte) 0xFF && damaged[at + 1] == (byte) 0xC0) {
        Arrays.fill(damaged, at + 5, at + 9, (byte) 0xFF);
      }
    }
    return damaged;
  }
}
