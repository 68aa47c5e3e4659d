package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.worker.shard.DamagedImage;

class FeatureExtractorTest {

  private static final int SIDE = 32;
  private static final int LENGTH = 3 * SIDE * SIDE;

  @Test
  void givesWhatTheGraphGivesDirectly() {
    ComputationGraph encoder = TestEncoder.graph(7);
    List<ImageRecord> images = images(70);

    Features features = extract(images, 32, encoder, 16);

    assertThat(features.count()).isEqualTo(70);
    assertThat(features.size()).isEqualTo(5);
    float[] pixels = new float[70 * LENGTH];
    for (ImageRecord image : images) {
      for (int i = 0; i < LENGTH; i++) {
        pixels[(int) image.id() * LENGTH + i] = (image.bytes()[i] & 0xff) / 255f;
      }
      assertThat(features.labels()[(int) image.id()]).isEqualTo(Integer.parseInt(image.label()));
    }
    INDArray direct = encoder.output(Nd4j.create(pixels, new long[] {70, 3, SIDE, SIDE}, 'c'))[0];
    assertThat(features.values()).containsExactly(direct.data().asFloat(), Offset.offset(1e-5f));
    assertThat(direct.stdNumber().doubleValue()).isGreaterThan(0.01);
  }

  @Test
  void subtractsTheTrainingMeanFromRawPixels() {
    try (PixelRows pixels =
        new PixelRows(LocalSpark.context(), views(images(6), 2), views(images(3), 3))) {
      Features test = Features.of(pixels.test());

      assertThat(pixels.train().count()).isEqualTo(6);
      assertThat(test.count()).isEqualTo(3);
      for (int i = 0; i < LENGTH; i++) {
        double mean = 0;
        for (ImageRecord image : images(6)) {
          mean += (image.bytes()[i] & 0xff) / 6.0;
        }
        assertThat((double) test.values()[2 * LENGTH + i])
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
    EvaluationViews views = views(images, 4, Damaged.SKIP);
    try (Rows rows = new FeatureExtractor(LocalSpark.context(), 16).extract(views, encoder);
        PixelRows pixels = new PixelRows(LocalSpark.context(), views, views)) {
      Features features = Features.of(rows);
      assertThat(features.ids()).containsExactly(1, 2, 5, 6, 7);
      assertThat(pixels.train().count()).isEqualTo(5);
      Features all = extract(images(8), 2, encoder, 16);
      for (int row = 0; row < features.count(); row++) {
        int id = (int) features.ids()[row];
        assertThat(Arrays.copyOfRange(features.values(), row * 5, row * 5 + 5))
            .containsExactly(
                Arrays.copyOfRange(all.values(), id * 5, id * 5 + 5), Offset.offset(1e-6f));
        assertThat(features.labels()[row]).isEqualTo(all.labels()[id]);
      }
    }
    assertThat(views.damaged().stream().map(DamagedImage::name))
        .containsExactly("image 0", "image 3", "image 4");
    assertThatThrownBy(() -> extract(images, 4, encoder, 16))
        .hasStackTraceContaining(" is not: a CIFAR image has 3072 bytes, not 2");
  }

  @Test
  void averagesSquaresOfPixelsOfLargeViews() {
    byte[] pixels = new byte[3 * 4 * 4];
    pixels[0] = (byte) 200;
    pixels[1] = (byte) 100;
    pixels[4] = (byte) 100;
    pixels[47] = (byte) 255;

    byte[] reduced =
        PixelRows.reduce(new ViewBlock(new long[1], new int[1], pixels, 4, List.of()), 2).pixels();

    assertThat(reduced).hasSize(12);
    assertThat(reduced[0] & 0xff).isEqualTo(100);
    assertThat(reduced[11] & 0xff).isEqualTo(64);
    assertThat(reduced[5]).isZero();
  }

  private static Features extract(
      List<ImageRecord> images, int block, ComputationGraph encoder, int batch) {
    try (Rows rows =
        new FeatureExtractor(LocalSpark.context(), batch).extract(views(images, block), encoder)) {
      return Features.of(rows);
    }
  }

  private static EvaluationViews views(List<ImageRecord> images, int block) {
    return views(images, block, Damaged.FAIL);
  }

  private static EvaluationViews views(List<ImageRecord> images, int block, Damaged damaged) {
    return EvaluationViews.of(
        LocalSpark.context().parallelize(images, (images.size() + block - 1) / block),
        AugmentSettings.cifar(),
        DecodeLimits.DEFAULT,
        damaged,
        image -> Integer.parseInt(image.label()));
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
              Integer.toString(random.nextInt(10)),
              "image " + id,
              ImageRecord.Encoding.CIFAR,
              bytes));
    }
    return images;
  }
}
