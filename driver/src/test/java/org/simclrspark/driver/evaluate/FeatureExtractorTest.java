package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.DataConfig.Damaged;

class FeatureExtractorTest {

  private static final List<String> CLASSES =
      IntStream.range(0, 10).mapToObj(Integer::toString).toList();
  private static final int SIDE = 32;
  private static final int LENGTH = 3 * SIDE * SIDE;

  @Test
  void givesWhatTheGraphGivesDirectly() {
    ComputationGraph encoder = TestEncoder.graph(7);
    List<ImageRecord> images = images(70);

    Features features = extract(images, 3, encoder, 16);

    assertThat(features.count()).isEqualTo(70);
    assertThat(features.size()).isEqualTo(5);
    float[] pixels = new float[70 * LENGTH];
    for (ImageRecord image : images) {
      for (int i = 0; i < LENGTH; i++) {
        pixels[(int) image.id() * LENGTH + i] = (image.bytes()[i] & 0xff) / 255f;
      }
      assertThat(features.label((int) image.id())).isEqualTo(CLASSES.indexOf(image.label()));
    }
    INDArray direct = encoder.output(Nd4j.create(pixels, new long[] {70, 3, SIDE, SIDE}, 'c'))[0];
    assertThat(features.values()).containsExactly(direct.data().asFloat(), Offset.offset(1e-5f));
    assertThat(direct.stdNumber().doubleValue()).isGreaterThan(0.01);
  }

  @Test
  void hasTheSameBitsWhateverThePartitioningAndOrderOfTheImages() {
    ComputationGraph encoder = TestEncoder.graph(7);
    List<ImageRecord> images = images(70);
    Features expected = extract(images, 1, encoder, 16);

    List<ImageRecord> shuffled = new ArrayList<>(images);
    Collections.shuffle(shuffled, new Random(3));
    Features found = extract(shuffled, 7, encoder, 16);

    assertThat(found.values()).isEqualTo(expected.values());
    assertThat(found.ids()).isEqualTo(expected.ids());
    assertThat(found.labels()).isEqualTo(expected.labels());
  }

  @Test
  void refusesADatasetWithAnIdTwice() {
    List<ImageRecord> images = new ArrayList<>(images(10));
    images.set(4, images.get(3));

    assertThatThrownBy(() -> extract(images, 2, TestEncoder.graph(7), 16))
        .isInstanceOf(DataException.class)
        .hasMessage("Image ids must be 0 to 9, each once, found 3 in place of 4");
  }

  @Test
  void subtractsTheTrainingMeanFromRawPixels() {
    try (EvaluationViews train = views(images(6), 2);
        EvaluationViews test = views(images(3), 1)) {
      PixelVectors trainPixels = PixelVectors.train(train);
      PixelVectors testPixels = trainPixels.test(test);

      assertThat(testPixels.count()).isEqualTo(3);
      float[] row = new float[LENGTH];
      testPixels.copy(2, row, 0);
      for (int i = 0; i < LENGTH; i++) {
        double mean = 0;
        for (ImageRecord image : images(6)) {
          mean += (image.bytes()[i] & 0xff) / 6.0;
        }
        assertThat((double) row[i])
            .isCloseTo((images(3).get(2).bytes()[i] & 0xff) - mean, Offset.offset(1e-4));
      }
    }
  }

  @Test
  void damagedImagesAreLeftOutOrAnError() {
    List<ImageRecord> images = new ArrayList<>(images(8));
    for (int id : new int[] {0, 3, 4}) {
      ImageRecord image = images.get(id);
      images.set(
          id,
          new ImageRecord(id, image.label(), image.name(), image.encoding(), new byte[] {1, 2}));
    }
    ComputationGraph encoder = TestEncoder.graph(7);
    try (EvaluationViews views =
        EvaluationViews.of(
            LocalSpark.context().parallelize(images, 3),
            images.size(),
            CLASSES,
            AugmentSettings.cifar(),
            Damaged.SKIP)) {
      Features features = new FeatureExtractor(LocalSpark.context(), 16).extract(views, encoder);
      assertThat(features.count()).isEqualTo(5);
      assertThat(PixelVectors.train(views).count()).isEqualTo(5);
      Features all = extract(images(8), 2, encoder, 16);
      float[] found = new float[all.size()];
      float[] expected = new float[all.size()];
      int[] left = {1, 2, 5, 6, 7};
      for (int row = 0; row < left.length; row++) {
        features.copy(row, found, 0);
        all.copy(left[row], expected, 0);
        assertThat(found).containsExactly(expected, Offset.offset(1e-6f));
        assertThat(features.label(row)).isEqualTo(all.label(left[row]));
      }
    }
    assertThatThrownBy(() -> extract(images, 2, encoder, 16))
        .hasStackTraceContaining(" is not: a CIFAR image has 3072 bytes, not 2");
  }

  @Test
  void averagesSquaresOfPixelsOfLargeViews() {
    byte[] pixels = new byte[3 * 4 * 4];
    pixels[0] = (byte) 200;
    pixels[1] = (byte) 100;
    pixels[4] = (byte) 100;
    pixels[47] = (byte) 255;

    byte[] reduced = PixelVectors.reduce(pixels, 4, 2);

    assertThat(reduced).hasSize(12);
    assertThat(reduced[0] & 0xff).isEqualTo(100);
    assertThat(reduced[11] & 0xff).isEqualTo(64);
    assertThat(reduced[5]).isZero();
  }

  private static Features extract(
      List<ImageRecord> images, int partitions, ComputationGraph encoder, int batch) {
    try (EvaluationViews views = views(images, partitions)) {
      return new FeatureExtractor(LocalSpark.context(), batch).extract(views, encoder);
    }
  }

  private static EvaluationViews views(List<ImageRecord> images, int partitions) {
    return EvaluationViews.of(
        LocalSpark.context().parallelize(images, partitions),
        images.size(),
        CLASSES,
        AugmentSettings.cifar());
  }

  private static List<ImageRecord> images(int count) {
    Random random = new Random(11);
    List<ImageRecord> images = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      byte[] bytes = new byte[LENGTH];
      random.nextBytes(bytes);
      images.add(
          new ImageRecord(
              id,
              CLASSES.get(random.nextInt(10)),
              "image " + id,
              ImageRecord.Encoding.CIFAR,
              bytes));
    }
    return images;
  }
}
