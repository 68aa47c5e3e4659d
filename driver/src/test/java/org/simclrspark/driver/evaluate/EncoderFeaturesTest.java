package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.dl4j.EncoderGraph;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

/** The project's own encoder, calibrated, through Deeplearning4j Spark. */
class EncoderFeaturesTest {

  private static final int IMAGES = 24;
  private static final int LENGTH = 3 * 32 * 32;

  @ParameterizedTest
  @EnumSource(
      value = Norm.class,
      names = {"BATCH", "GROUP"})
  void areThoseOfTheEngine(Norm norm) {
    EncoderSettings settings =
        new EncoderSettings(
            18, 0.0625, Stem.SMALL, norm, 32, true, Initialization.SIMCLR, 2, 32, 16);
    float[] views = new float[IMAGES * LENGTH];
    List<ImageRecord> images = images(views);
    EvaluationViews evaluationViews =
        EvaluationViews.of(
            LocalSpark.context().parallelize(images, 1),
            AugmentSettings.cifar(),
            DecodeLimits.DEFAULT,
            Damaged.FAIL,
            image -> 0);
    try (Engine engine = Engines.create(settings, 1)) {
      float[] parameters = engine.initialParameters(3);
      engine.load(parameters);

      float[] statistics =
          Calibration.statistics(
              LocalSpark.context(),
              evaluationViews,
              () -> Engines.borrow(settings, 1),
              parameters,
              64);
      Features features =
          Features.of(
              new FeatureExtractor(LocalSpark.context(), 16)
                  .extract(
                      evaluationViews, EncoderGraph.fast(settings, parameters, statistics, 1)));

      assertThat(statistics)
          .containsExactly(engine.statistics(views, IMAGES), Offset.offset(1e-5f));
      float[] expected = engine.features(views, IMAGES, statistics);
      assertThat(features.size()).isEqualTo(engine.featureSize());
      assertThat(features.values()).containsExactly(expected, Offset.offset(1e-4f));
    }
    Engines.closeIdle();
  }

  /** Random patches of colour; fills their pixel values in [0, 1]. */
  private static List<ImageRecord> images(float[] views) {
    Random random = new Random(11);
    List<ImageRecord> images = new ArrayList<>();
    for (int id = 0; id < IMAGES; id++) {
      byte[] bytes = new byte[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        bytes[i] = (byte) (i % 8 == 0 ? random.nextInt(256) : bytes[i - 1]);
        views[id * LENGTH + i] = (bytes[i] & 0xff) / 255f;
      }
      images.add(new ImageRecord(id, "0", "image " + id, ImageRecord.Encoding.CIFAR, bytes));
    }
    return images;
  }
}
