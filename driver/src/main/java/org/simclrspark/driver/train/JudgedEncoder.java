package org.simclrspark.driver.train;

import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.evaluate.Calibration;
import org.simclrspark.driver.evaluate.Evaluation;
import org.simclrspark.driver.evaluate.EvaluationReport;
import org.simclrspark.driver.evaluate.EvaluationViews;
import org.simclrspark.worker.EncoderSettings;
import org.simclrspark.worker.EngineSource;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.graph.EncoderGraph;

/**
 * The encoder of a training state as an ordinary {@link ComputationGraph}: written for others, and
 * judged on the configured datasets, which are read on first use.
 */
final class JudgedEncoder implements AutoCloseable {

  private static final int IDS_PER_PARTITION = 1024;

  private final JavaSparkContext spark;
  private final SimclrConfig config;
  private final Path run;
  private final EncoderSettings settings;
  private Dataset trainSet;
  private Dataset testSet;
  private EvaluationViews train;
  private Evaluation evaluation;

  JudgedEncoder(JavaSparkContext spark, SimclrConfig config, Path run) {
    this.spark = spark;
    this.run = run;
    this.config = config;
    this.settings = config.encoderSettings();
  }

  /** Whether there are test images to judge on. */
  boolean isPossible() {
    return config.data().test().isPresent();
  }

  /**
   * Looks whether there are labelled images where they are needed, so that it is not found out
   * after training.
   *
   * @throws org.simclrspark.data.DataException if images cannot be read or have no labels
   */
  void requireLabels() {
    if (isPossible()) {
      Evaluation.requireLabel(trainSet(), "training");
      Evaluation.requireLabel(testSet(), "test");
    }
  }

  /** Writes f as a file that Deeplearning4j's {@link ModelSerializer} restores. */
  void write(TrainingState state, OutputStream out) throws IOException {
    ComputationGraph graph =
        EncoderGraph.portable(settings, state.parameters(), state.runningStatistics());
    ModelSerializer.writeModel(graph, out, false);
  }

  /** Accuracy of nearest neighbours on h, a fraction; empty without test images. */
  OptionalDouble knnAccuracy(TrainingState state) {
    return isPossible()
        ? OptionalDouble.of(evaluation().knnAccuracy(graph(state)))
        : OptionalDouble.empty();
  }

  /** Everything there is to know; only with test images. */
  EvaluationReport evaluate(TrainingState state) {
    Evaluation judge = evaluation();
    return judge.evaluate(graph(state), untrained());
  }

  private ComputationGraph graph(TrainingState state) {
    return EncoderGraph.fast(
        settings, state.parameters(), state.runningStatistics(), config.worker().threads());
  }

  private ComputationGraph untrained() {
    EncoderSettings encoder = settings;
    int threads = config.worker().threads();
    float[] parameters;
    try (EngineSource.Loan loan = Engines.borrow(encoder, threads)) {
      parameters = loan.engine().initialParameters(config.train().seed());
    }
    float[] statistics =
        Calibration.statistics(
            spark,
            train,
            () -> Engines.borrow(encoder, threads),
            parameters,
            config.train().microBatch());
    return EncoderGraph.fast(encoder, parameters, statistics, threads);
  }

  private Evaluation evaluation() {
    if (evaluation == null) {
      train = views(trainSet(), config.data().damaged());
      evaluation = new Evaluation(spark, train, views(testSet(), Damaged.FAIL), config.evaluate());
    }
    return evaluation;
  }

  private EvaluationViews views(Dataset images, Damaged damaged) {
    return EvaluationViews.of(
        images.images(spark, IDS_PER_PARTITION),
        images.count(),
        trainSet().classes(),
        config.augment().settings(),
        damaged);
  }

  private Dataset trainSet() {
    if (trainSet == null) {
      trainSet = Datasets.train(spark, config, run);
    }
    return trainSet;
  }

  private Dataset testSet() {
    if (testSet == null) {
      testSet = Datasets.test(spark, config, run);
    }
    return testSet;
  }

  @Override
  public void close() {
    if (evaluation != null) {
      evaluation.close();
    }
  }
}
