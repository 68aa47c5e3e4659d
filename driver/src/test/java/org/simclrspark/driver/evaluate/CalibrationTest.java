package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.network.ParameterLayout;

class CalibrationTest {

  private static final int LENGTH = 3 * 32 * 32;

  @Test
  void poolsTheStatisticsOfMicroBatchesThatSpanTheDataset() {
    // Image id is uniformly of brightness id: 10 images, micro-batches of 4: samples 0 to 7 are the
    // ids ceil(10 i / 8) = 0 2 3 4 5 7 8 9, dealt to two micro-batches in turn.
    double[] all = meanAndVariance(0, 3, 5, 8, 2, 4, 7, 9);

    float[] found = statistics(10, 4);

    assertThat(found).hasSize(4);
    assertThat((double) found[0]).isCloseTo(all[0], Offset.offset(1e-6));
    assertThat((double) found[1]).isCloseTo(all[1], Offset.offset(1e-6));
    assertThat(found[2]).isEqualTo(7);
  }

  @Test
  void takesAllImagesWhereThereAreFewerThanAMicroBatch() {
    float[] found = statistics(3, 16);

    assertThat((double) found[1]).isCloseTo(meanAndVariance(0, 1, 2)[1], Offset.offset(1e-6));
  }

  private static float[] statistics(int images, int microBatch) {
    List<ImageRecord> records = new ArrayList<>();
    for (long id : Calibration.sample(images, microBatch)) {
      byte[] bytes = new byte[LENGTH];
      java.util.Arrays.fill(bytes, (byte) id);
      records.add(new ImageRecord(id, "0", "image " + id, ImageRecord.Encoding.CIFAR, bytes));
    }
    return Calibration.statistics(
        LocalSpark.context(),
        EvaluationViews.of(
            LocalSpark.context().parallelize(records, 1),
            AugmentSettings.cifar(),
            DecodeLimits.DEFAULT,
            Damaged.FAIL,
            image -> 0),
        EngineSource.ofNew(PixelEngine::new),
        new float[] {7},
        microBatch);
  }

  private static double[] meanAndVariance(int... brightness) {
    double mean = 0;
    double squares = 0;
    for (int value : brightness) {
      mean += value / 255.0 / brightness.length;
      squares += Math.pow(value / 255.0, 2) / brightness.length;
    }
    return new double[] {mean, squares - mean * mean};
  }

  /** Its statistics are mean and variance of the micro-batch's pixels, and its parameter and 0. */
  private static final class PixelEngine extends MicroBatchEngine {

    private float parameter;

    @Override
    public String name() {
      return "pixels";
    }

    @Override
    public ParameterLayout parameters() {
      return new ParameterLayout(
          List.of(new ParameterLayout.Block("parameter", List.of(1), 0, true)));
    }

    @Override
    public int[] normChannels() {
      return new int[] {1, 1};
    }

    @Override
    public int featureSize() {
      return 1;
    }

    @Override
    public int embeddingSize() {
      return 1;
    }

    @Override
    public float[] initialParameters(long seed) {
      return new float[] {seed};
    }

    @Override
    protected void setParameters(float[] values) {
      parameter = values[0];
    }

    @Override
    public Activations forward(float[] views, int count) {
      assertThat(views).hasSize(count * LENGTH);
      double mean = 0;
      double squares = 0;
      for (float value : views) {
        mean += value / views.length;
        squares += (double) value * value / views.length;
      }
      float[] statistics = {(float) mean, (float) (squares - mean * mean), parameter, 0};
      return new Activations() {
        @Override
        public float[] embeddings() {
          return new float[count];
        }

        @Override
        public float[] statistics() {
          return statistics;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void backward(Activations activations, float[] gradients, float[] gradient) {
      throw new UnsupportedOperationException("Calibration needs no gradient");
    }

    @Override
    public float[] features(float[] views, int count, float[] statistics) {
      throw new UnsupportedOperationException("Calibration needs no features");
    }

    @Override
    public long activationBytes(int count) {
      return 0;
    }
  }
}
