package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.bench.SyntheticPhotos;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.Pixels;
import org.simclrspark.data.decode.RawImages;

/**
 * JPEG, PNG and raw pixels of one picture make the same views, in training and in evaluation,
 * however much smaller than the picture they are.
 */
class StoredFormsTest {
  private static final int IMAGES = 4;

  @ParameterizedTest
  @CsvSource({"500, 375, 224", "500, 375, 32"})
  void viewsAreTheSameBytes(int width, int height, int size) throws Exception {
    for (int id = 0; id < IMAGES; id++) {
      ImageRecord[] forms = forms(width, height, id);
      for (AugmentSettings settings :
          List.of(AugmentSettings.simclr(size), AugmentSettings.torchvision(size))) {
        int length = settings.viewBytes();
        Augmenter augmenter = new Augmenter(settings);
        byte[][] views = new byte[forms.length][3 * length];
        for (int form = 0; form < forms.length; form++) {
          augmenter.views(forms[form], 5, 0, views[form], 0, views[form], length);
          augmenter.evaluationView(forms[form], views[form], 2 * length);
        }
        assertThat(Arrays.equals(views[1], views[0])).as("PNG as JPEG").isTrue();
        assertThat(Arrays.equals(views[2], views[0])).as("raw as JPEG").isTrue();
      }
    }
  }

  /** A JPEG, and the pixels it has as PNG and raw. */
  private static ImageRecord[] forms(int width, int height, int id) throws Exception {
    ImageRecord jpeg =
        record(
            id,
            Encoding.FILE,
            SyntheticPhotos.jpeg(SyntheticPhotos.photo(width, height, id), 0.9f));
    Pixels pixels = new Pixels();
    new ImageDecoder(DecodeLimits.DEFAULT).decode(jpeg, pixels);
    return new ImageRecord[] {
      jpeg,
      record(id, Encoding.FILE, png(pixels)),
      record(id, Encoding.RAW, RawImages.encode(pixels))
    };
  }

  private static byte[] png(Pixels pixels) throws IOException {
    BufferedImage image =
        new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < pixels.width() * pixels.height(); i++) {
      image.setRGB(i % pixels.width(), i / pixels.width(), pixels.words()[i] >>> 8);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static ImageRecord record(int id, Encoding encoding, byte[] bytes) {
    return new ImageRecord(id, null, "image-" + id, encoding, bytes);
  }
}
