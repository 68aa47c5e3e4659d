package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.augment.AugmentSettings.Blur;
import org.simclrspark.data.augment.AugmentSettings.ColorModel;
import org.simclrspark.data.augment.AugmentSettings.Edges;
import org.simclrspark.data.augment.AugmentSettings.Jitter;

class AugmenterTest {

  @Test
  void viewsFollowTheirDrawsStepByStep() {
    for (AugmentSettings settings :
        new AugmentSettings[] {
          AugmentSettings.cifar(), AugmentSettings.simclr(40), AugmentSettings.torchvision(40)
        }) {
      int size = settings.size();
      Augmenter augmenter = new Augmenter(settings);
      byte[] views = new byte[2 * settings.viewBytes()];
      int different = 0;
      for (int id = 0; id < 60; id++) {
        ImageRecord image = image(id);
        augmenter.views(image, 7, 3, views, 0, views, settings.viewBytes());
        for (int view = 0; view < 2; view++) {
          double[] expected = SlowViews.view(settings, image, 7, 3, view);
          for (int i = 0; i < 3 * size * size; i++) {
            int found = views[view * settings.viewBytes() + i] & 0xFF;
            different += found == Math.round(255 * expected[i]) ? 0 : 1;
            assertThat(Math.abs(found - 255 * expected[i])).isLessThan(0.52);
          }
        }
      }
      // Floats round another way than doubles only beside a half.
      assertThat(different).isLessThan(2 * 60 * 3 * size * size / 500);
    }
  }

  @Test
  void viewsDependOnNothingElse() {
    AugmentSettings settings = AugmentSettings.simclr(48);
    int length = settings.viewBytes();
    byte[] alone = new byte[2 * length];
    byte[] after = new byte[2 * length];
    Augmenter used = new Augmenter(settings);
    for (int id = 19; id >= 0; id--) {
      used.views(image(id), 1, 2, after, length, after, 0);
      new Augmenter(settings).views(image(id), 1, 2, alone, 0, alone, length);
      assertThat(java.util.Arrays.copyOfRange(after, length, 2 * length))
          .isEqualTo(java.util.Arrays.copyOf(alone, length));
      assertThat(java.util.Arrays.copyOf(after, length))
          .isEqualTo(java.util.Arrays.copyOfRange(alone, length, 2 * length));
      assertThat(java.util.Arrays.copyOf(alone, length))
          .isNotEqualTo(java.util.Arrays.copyOfRange(alone, length, 2 * length));
    }
  }

  @Test
  void aCifarImageIsEvaluatedAsItIs() {
    AugmentSettings settings = AugmentSettings.cifar();
    byte[] view = new byte[settings.viewBytes()];
    ImageRecord image = image(3);
    new Augmenter(settings).evaluationView(image, view, 0);
    assertThat(view).isEqualTo(image.bytes());
  }

  @Test
  void evaluationTakesTheCentralPart() {
    AugmentSettings settings = AugmentSettings.simclr(28);
    byte[] view = new byte[settings.viewBytes()];
    ImageRecord image = image(3);
    new Augmenter(settings).evaluationView(image, view, 0);
    // 0.875 x 32 = 28 pixels, from 2 to 29.
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < 28; y++) {
        for (int x = 0; x < 28; x++) {
          assertThat(view[(channel * 28 + y) * 28 + x])
              .isEqualTo(image.bytes()[(channel * 32 + y + 2) * 32 + x + 2]);
        }
      }
    }
  }

  @Test
  void bytesWidenToTheirValue() {
    float[] values = new float[5];
    ViewBytes.toFloats(new byte[] {9, 0, 51, (byte) 255}, 1, 3, values, 2);
    assertThat(values).containsExactly(0, 0, 0, 0.2f, 1);
  }

  @Test
  void refusesACifarImageOfAnotherLength() {
    ImageRecord image = new ImageRecord(0, null, "a.bin#0", Encoding.CIFAR, new byte[100]);
    Augmenter augmenter = new Augmenter(AugmentSettings.cifar());
    assertThatThrownBy(() -> augmenter.evaluationView(image, new byte[3072], 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a.bin#0 is not: a CIFAR image has 3072 bytes, not 100");
  }

  @Test
  void settingsRefuseWhatHasNoMeaning() {
    assertThatThrownBy(() -> new Blur(0.5, 0.1, 2, 4, Edges.ZERO))
        .hasMessageContaining("odd, found 4");
    assertThatThrownBy(() -> new Jitter(0.8, 1, 1, 1, 72, ColorModel.CHANNEL_MEAN))
        .hasMessageContaining("[0, 0.5] turns, found 72");
    assertThatThrownBy(() -> new Jitter(1.8, 1, 1, 1, 0, ColorModel.CHANNEL_MEAN))
        .hasMessageContaining("probability of the jitter");
    AugmentSettings cifar = AugmentSettings.cifar();
    assertThatThrownBy(
            () ->
                new AugmentSettings(
                    32,
                    cifar.crop(),
                    0.5,
                    cifar.jitter(),
                    0.2,
                    new Blur(0.5, 0.1, 2, 65, Edges.ZERO),
                    1))
        .hasMessageContaining("smaller than the view of 32 pixels, found 65");
    assertThat(AugmentSettings.simclr(224).blur().kernel()).isEqualTo(23);
    assertThat(AugmentSettings.cifar().jitter().hue()).isEqualTo(0.1);
  }

  /** A smooth picture with some noise. */
  static ImageRecord image(int id) {
    Random random = new Random(id);
    byte[] bytes = new byte[3072];
    for (int i = 0; i < bytes.length; i++) {
      int x = i % 32;
      int y = i / 32 % 32;
      double value = 128 + 80 * Math.sin(x * 0.2 + id + i / 1024) + 60 * Math.cos(y * 0.3 * id);
      bytes[i] = (byte) Math.max(0, Math.min(255, value + random.nextInt(40) - 20));
    }
    return new ImageRecord(id, null, "image-" + id, Encoding.CIFAR, bytes);
  }
}
