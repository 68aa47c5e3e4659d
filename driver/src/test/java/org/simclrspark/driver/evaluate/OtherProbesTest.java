package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.EvaluateConfig.Linear;
import org.simclrspark.driver.config.EvaluateConfig.Sgd;

/** The linear probe by SGD, and with a regularisation chosen on a validation split. */
class OtherProbesTest {

  private static final int CLASSES = 3;

  @Test
  void sgdComesCloseToTheBestLinearClassifier() {
    Features train = gaussians(1, 3000, 4);
    Features test = gaussians(2, 3000, 4);
    List<Integer> epochs = new ArrayList<>();

    double accuracy =
        new SgdProbe(new Sgd(true, 20, 64, 0.1), CLASSES, 1, 2)
            .accuracy(
                epoch -> {
                  epochs.add(epoch);
                  return train.rows(1000);
                },
                test.rows(700));

    double convex =
        new LinearProbe(LocalSpark.context(), new Linear(true, 100, 0), CLASSES, 1)
            .accuracy(train.rows(1000), test.rows(700));
    assertThat(accuracy).isCloseTo(convex, within(0.01));
    assertThat(epochs).isEqualTo(IntStream.range(0, 20).boxed().toList());
  }

  /**
   * One step from zero weights on two images of opposite h. The gradient is -h y / 2 (classes 0 and
   * 1, softmax 1/2 each), so that one step separates them however small the rate is, and turned
   * labels turn the prediction.
   */
  @Test
  void oneStepOfSgdGoesDownTheGradient() {
    float[] h = {1, 2, -1, -2};
    for (int first = 0; first < 2; first++) {
      Features images = new Features(new long[] {0, 1}, new int[] {first, 1 - first}, h, 2);
      assertThat(
              new SgdProbe(new Sgd(true, 1, 2, 0.001), 2, 1, 1)
                  .accuracy(epoch -> images.rows(2), images.rows(2)))
          .isEqualTo(1);
    }
  }

  /** Few images in many dimensions, most of them noise: the least regularisation overfits. */
  @Test
  void transferChoosesARegularisationThatPredictsBetter() {
    Features train = gaussians(1, 150, 60);
    Features test = gaussians(2, 2000, 60);
    LinearProbe least =
        new LinearProbe(LocalSpark.context(), new Linear(true, 50, 1e-6), CLASSES, 1);

    TransferProbe.Result found =
        new TransferProbe(LocalSpark.context(), 50, CLASSES, 1)
            .accuracy(train.rows(150), test.rows(2000));

    assertThat(found.regularisation()).isBetween(1e-4, 10.0);
    assertThat(found.accuracy()).isGreaterThan(least.accuracy(train.rows(150), test.rows(2000)));
  }

  @Test
  void fortyFiveRegularisationsSpanElevenPowersOfTen() {
    double[] values = TransferProbe.regularisations();

    assertThat(values).hasSize(45);
    assertThat(values[0]).isEqualTo(1e-6);
    assertThat(values[44]).isCloseTo(1e5, within(1e-4));
    // Four to a power of ten.
    assertThat(values[24]).isCloseTo(1, within(1e-9));
  }

  @Test
  void trainingImagesOfTheSgdProbeAreCroppedAndFlippedAnewButKeepTheirColours() {
    byte[] pixels = new byte[3 * 1024];
    for (int i = 0; i < 3 * 1024; i++) {
      pixels[i] = (byte) (i / 1024 * 50 + i % 1024 % 32 * 3);
    }
    List<ImageRecord> images =
        List.of(new ImageRecord(0, "a", "a", ImageRecord.Encoding.CIFAR, pixels));
    EvaluationViews views =
        EvaluationViews.of(
            LocalSpark.context().parallelize(images, 1),
            AugmentSettings.cifar(),
            DecodeLimits.DEFAULT,
            Damaged.FAIL,
            image -> 0);

    float[] whole = views.blocks().first().values(0, 1);
    float[] first = views.croppedAndFlipped(0).blocks().first().values(0, 1);
    float[] again = views.croppedAndFlipped(0).blocks().first().values(0, 1);
    float[] second = views.croppedAndFlipped(1).blocks().first().values(0, 1);

    assertThat(Arrays.equals(first, again)).isTrue();
    assertThat(Arrays.equals(first, second)).isFalse();
    assertThat(Arrays.equals(first, whole)).isFalse();
    // Channels differ by 50 levels everywhere, as in the image: no colour operation has run.
    for (int i = 0; i < 1024; i++) {
      assertThat((double) (second[1024 + i] - second[i])).isCloseTo(50 / 255.0, within(0.005));
      assertThat((double) (second[2048 + i] - second[1024 + i]))
          .isCloseTo(50 / 255.0, within(0.005));
    }
  }

  /** Of class c, feature c has mean 1.5; the others are noise. */
  private static Features gaussians(long seed, int count, int size) {
    Random random = new Random(seed);
    int[] labels = random.ints(count, 0, CLASSES).toArray();
    float[] values = new float[count * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() + (i % size == labels[i / size] ? 1.5 : 0));
    }
    return new Features(
        IntStream.range(0, count).mapToLong(i -> i).toArray(), labels, values, size);
  }
}
