package org.simclrspark.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.simclrspark.driver.config.SectionsTest.assertRefused;
import static org.simclrspark.driver.config.SectionsTest.with;

import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.Precision;
import org.simclrspark.worker.machine.Isa;

/** The same for the sections that say how training goes on, is saved, judged and shown. */
class TrainingSectionsTest {

  @Nested
  class Train {
    @Test
    void defaults() {
      assertThat(with().train())
          .isEqualTo(new TrainConfig(4096, 32, 32, 100, Optional.empty(), 1, Optional.empty()));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "train.batch=48",
                      "train.shards=3",
                      "train.micro-batch=8",
                      "train.epochs=7",
                      "train.steps=9",
                      "train.initial=latest",
                      "train.seed=-5")
                  .train())
          .isEqualTo(new TrainConfig(48, 3, 8, 7, Optional.of(9), -5, Optional.of("latest")));
    }

    @Test
    void refused() {
      assertRefused("train.batch=1", "an integer from 2 to 16777216");
      assertRefused("train.batch=512.5", "an integer from 2 to 16777216");
      assertRefused("train.seed=99999999999999999999", "an integer of 64 bits");
    }

    @Test
    void shardsDivideTheBatch() {
      assertThatThrownBy(() -> with("train.batch=4096", "train.shards=30"))
          .hasMessage(
              "--set: train.shards must divide train.batch, 4096, found 30."
                  + " The nearest that does is 32.");
    }

    @Test
    void microBatchDividesTheImagesOfAShard() {
      assertThatThrownBy(() -> with("train.micro-batch=256"))
          .hasMessage(
              "--set: train.micro-batch must divide the images of a shard"
                  + " (train.batch / train.shards = 128), found 256. The nearest that does is 128.");
    }
  }

  @Nested
  class Optimizer {
    @Test
    void defaults() {
      assertThat(with().optimizer())
          .isEqualTo(
              new OptimizerConfig(
                  OptimizerConfig.Name.LARS,
                  0.3,
                  OptimizerConfig.Scaling.LINEAR,
                  10,
                  OptimizerConfig.Schedule.COSINE,
                  0.9,
                  false,
                  1e-6,
                  0.001,
                  0.9,
                  0.999,
                  1e-8));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "optimizer.name=adam",
                      "optimizer.learning-rate=0.001",
                      "optimizer.scaling=none",
                      "optimizer.warmup-epochs=0.5",
                      "optimizer.schedule=constant",
                      "optimizer.momentum=0.8",
                      "optimizer.nesterov=true",
                      "optimizer.weight-decay=0",
                      "optimizer.trust-coefficient=0.02",
                      "optimizer.beta1=0.7",
                      "optimizer.beta2=0.99",
                      "optimizer.epsilon=1e-6")
                  .optimizer())
          .isEqualTo(
              new OptimizerConfig(
                  OptimizerConfig.Name.ADAM,
                  0.001,
                  OptimizerConfig.Scaling.NONE,
                  0.5,
                  OptimizerConfig.Schedule.CONSTANT,
                  0.8,
                  true,
                  0,
                  0.02,
                  0.7,
                  0.99,
                  1e-6));
    }

    @Test
    void refused() {
      assertRefused("optimizer.momentum=1", "a number from 0 to below 1");
      assertRefused("optimizer.learning-rate=0", "a number above 0");
    }

    @Test
    void learningRateGrowsWithTheBatch() {
      assertThat(with().optimizer().peakLearningRate(4096)).isEqualTo(4.8);
      assertThat(
              with("optimizer.scaling=square-root", "optimizer.learning-rate=0.075")
                  .optimizer()
                  .peakLearningRate(4096))
          .isEqualTo(4.8);
      assertThat(with("optimizer.scaling=none").optimizer().peakLearningRate(4096)).isEqualTo(0.3);
    }
  }

  @Nested
  class Worker {
    @Test
    void defaults() {
      assertThat(with().worker())
          .isEqualTo(
              new WorkerConfig(2, EngineKind.AUTO, Precision.FLOAT32, 1L << 30, Isa.NATIVE, false));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "worker.threads=8",
                      "worker.engine=libtorch",
                      "worker.precision=bfloat16",
                      "worker.activation-memory=512 MiB",
                      "worker.isa=avx2",
                      "worker.mixed-processors=true")
                  .worker())
          .isEqualTo(
              new WorkerConfig(
                  8, EngineKind.LIBTORCH, Precision.BFLOAT16, 512L << 20, Isa.AVX2, true));
    }

    @Test
    void refused() {
      assertRefused("worker.threads=0", "an integer from 1 to 1024");
      assertRefused("worker.activation-memory=much", "a size such as 512MiB or 2GiB");
      assertRefused("worker.activation-memory=-1", "a size such as 512MiB or 2GiB");
      assertRefused("worker.engine=cuda", "one of auto, onednn, libtorch, nd4j");
      assertRefused("worker.precision=float16", "one of float32, tf32, bfloat16");
      assertThatThrownBy(() -> with("worker.engine=nd4j", "worker.precision=tf32"))
          .hasMessageContaining(
              "worker.precision must be float32 where worker.engine is neither libtorch nor auto,"
                  + " found tf32. Set worker.engine=libtorch");
    }
  }

  @Nested
  class Checkpoint {
    @Test
    void defaults() {
      assertThat(with().checkpoint()).isEqualTo(new CheckpointConfig(0, 1, 2, 0));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "checkpoint.every-steps=5",
                      "checkpoint.every-epochs=0",
                      "checkpoint.keep=9",
                      "checkpoint.keep-runs=3")
                  .checkpoint())
          .isEqualTo(new CheckpointConfig(5, 0, 9, 3));
    }

    @Test
    void refused() {
      assertRefused("checkpoint.keep=0", "an integer from 1 to 10000");
    }
  }

  @Nested
  class Evaluate {
    @Test
    void defaults() {
      assertThat(with().evaluate())
          .isEqualTo(
              new EvaluateConfig(
                  0,
                  new EvaluateConfig.Sample(50_000, 10_000),
                  128,
                  new EvaluateConfig.Knn(200, 0.1),
                  new EvaluateConfig.Linear(true, 200, 1e-3)));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "evaluate.every-epochs=3",
                      "evaluate.sample.train-images=700",
                      "evaluate.sample.test-images=70",
                      "evaluate.batch=16",
                      "evaluate.knn.k=20",
                      "evaluate.knn.temperature=0.2",
                      "evaluate.linear.enabled=false",
                      "evaluate.linear.iterations=50",
                      "evaluate.linear.regularisation=0",
                      "evaluate.linear.transfer=true",
                      "evaluate.linear.sgd.enabled=true",
                      "evaluate.linear.sgd.epochs=7",
                      "evaluate.linear.sgd.batch=64",
                      "evaluate.linear.sgd.learning-rate=0.2")
                  .evaluate())
          .isEqualTo(
              new EvaluateConfig(
                  3,
                  new EvaluateConfig.Sample(700, 70),
                  16,
                  new EvaluateConfig.Knn(20, 0.2),
                  new EvaluateConfig.Linear(
                      false, 50, 0, new EvaluateConfig.Sgd(true, 7, 64, 0.2), true)));
    }

    @Test
    void refused() {
      assertRefused("evaluate.sample.test-images=0", "an integer from 1 to 100000000");
      assertRefused("evaluate.knn.k=0", "an integer from 1 to 1000000");
      assertRefused("evaluate.linear.enabled=maybe", "true or false");
    }
  }

  @Nested
  class Report {
    @Test
    void defaults() {
      assertThat(with().report()).isEqualTo(new ReportConfig(true, 8, true));
    }

    @Test
    void everyKey() {
      assertThat(with("report.html=false", "report.images=0", "report.tensorboard=false").report())
          .isEqualTo(new ReportConfig(false, 0, false));
    }

    @Test
    void refuses() {
      assertRefused("report.images=1000", "an integer from 0 to 24");
    }

    @Test
    void mayChangeWhenARunGoesOn() {
      assertThat(with("report.html=false").differences(with())).isEmpty();
    }
  }
}
