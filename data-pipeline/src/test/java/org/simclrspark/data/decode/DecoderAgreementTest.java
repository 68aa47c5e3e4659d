package org.simclrspark.data.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * Every form in which an image may be stored, against the pixels that Pillow reads from it. The
 * images, the golden pixels and the list were made by {@code make_golden.py} beside them, which
 * says how, and each tolerance has its reason in the list.
 */
class DecoderAgreementTest {

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "/decode/forms.csv", numLinesToSkip = 1)
  void pixelsAreThoseOfPillow(String file, int tolerance, String reason) throws Exception {
    Pixels pixels = ImageDecoderTest.decode(bytes(file));
    BufferedImage golden;
    try (InputStream stream =
        DecoderAgreementTest.class.getResourceAsStream("/decode/" + file + ".png")) {
      golden = ImageIO.read(stream);
    }
    assertThat(pixels.width()).isEqualTo(golden.getWidth());
    assertThat(pixels.height()).isEqualTo(golden.getHeight());
    int difference = 0;
    for (int i = 0; i < pixels.width() * pixels.height(); i++) {
      int word = golden.getRGB(i % pixels.width(), i / pixels.width()) << 8;
      for (int shift = 8; shift < 32; shift += 8) {
        int ours = pixels.words()[i] >>> shift & 0xFF;
        difference = Math.max(difference, Math.abs(ours - (word >>> shift & 0xFF)));
      }
    }
    assertThat(difference)
        .as("largest difference; allowed: %s", reason)
        .isLessThanOrEqualTo(tolerance);
  }

  static byte[] bytes(String file) throws IOException {
    try (InputStream stream = DecoderAgreementTest.class.getResourceAsStream("/decode/" + file)) {
      return stream.readAllBytes();
    }
  }
}
