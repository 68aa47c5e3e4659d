package org.simclrspark.driver.train;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.epoch.KeyedSample;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.evaluate.Calibration;
import org.simclrspark.driver.evaluate.Classes;
import org.simclrspark.driver.evaluate.Classes.Labelled;
import org.simclrspark.driver.evaluate.Evaluation;
import org.simclrspark.driver.evaluate.Evaluation.LabelledViews;
import org.simclrspark.driver.evaluate.EvaluationReport;
import org.simclrspark.driver.evaluate.EvaluationViews;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.worker.Engines;
import org.simclrspark.worker.dl4j.EncoderGraph;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;

/**
 * The encoder of a training state as an ordinary {@link ComputationGraph}: written for others, and
 * judged on the configured datasets.
 */
final class JudgedEncoder {

  /** The class of images whose labels nothing asks for. */
  private static final int NO_CLASS = 0;

  private final JavaSparkContext spark;
  private final SimclrConfig config;
  private final Datasets datasets;
  private final EncoderSettings settings;
  private final Consumer<String> tell;
  private ReportPictures pictures;
  private Dataset labelledSet;
  private Dataset testSet;
  private Classes classes;

  /**
   * Makes it; datasets are opened on first use.
   *
   * @param datasets of the run
   * @param tell shows a line
   */
  JudgedEncoder(
      JavaSparkContext spark, SimclrConfig config, Datasets datasets, Consumer<String> tell) {
    this.spark = spark;
    // An encoder takes images of any size.
    this.config =
        config
            .augment()
            .evaluationSize()
            .map(size -> config.with("augment.size", Integer.toString(size)))
            .orElse(config);
    this.datasets = datasets;
    this.settings = this.config.encoderSettings();
    this.tell = tell;
  }

  /** Whether there are test images to judge on. */
  boolean isPossible() {
    return config.data().test().isPresent();
  }

  /** Has the nearest neighbours of some test images drawn whenever the encoder is judged. */
  void draw(ReportPictures target) {
    pictures = target;
  }

  private void showNearest(Evaluation evaluation, TrainingState state) {
    if (pictures != null && config.report().html()) {
      evaluation.showNearest(
          config.report().images(),
          nearest -> pictures.neighbours(state.step(), nearest, labelledSet, testSet));
    }
  }

  /**
   * Looks whether images, labels and memory are as evaluation needs them, so that it is not found
   * out after training.
   *
   * @throws org.simclrspark.driver.config.ConfigurationException if memory is too small
   * @throws org.simclrspark.data.DataException if images cannot be read, or their classes do not
   *     match
   */
  void requireLabels() {
    if (isPossible()) {
      open();
    }
  }

  /** Writes f as a file that Deeplearning4j's {@link ModelSerializer} restores. */
  void write(TrainingState state, OutputStream out) throws IOException {
    ComputationGraph graph =
        EncoderGraph.portable(settings, state.parameters(), state.runningStatistics());
    ModelSerializer.writeModel(graph, out, false);
  }

  /**
   * Accuracy of nearest neighbours on h, by its name in the metrics, with the numbers of images of
   * the fixed sample that it was found on; empty without test images.
   */
  Map<String, Object> knnAccuracy(TrainingState state) {
    if (!isPossible()) {
      return Map.of();
    }
    open();
    long[] train = sample(labelledSet, config.evaluate().sample().trainImages());
    long[] test = sample(testSet, config.evaluate().sample().testImages());
    Evaluation evaluation =
        evaluation(
            new LabelledViews(views(labelledSet, train, blockSize()), train.length),
            new LabelledViews(views(testSet, test, blockSize()), test.length));
    showNearest(evaluation, state);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(Summary.KNN_ACCURACY, evaluation.knnAccuracy(graph(state)));
    values.put("knn_train_images", train.length);
    values.put("knn_test_images", test.length);
    return values;
  }

  /** Everything there is to know, from all images; only with test images. */
  EvaluationReport evaluate(TrainingState state) {
    open();
    Evaluation evaluation =
        evaluation(
            new LabelledViews(
                views(labelledSet.images(spark, blockSize()), classes), labelledSet.count()),
            new LabelledViews(views(testSet.images(spark, blockSize()), classes), testSet.count()));
    showNearest(evaluation, state);
    return evaluation.evaluate(graph(state), untrained());
  }

  private ComputationGraph graph(TrainingState state) {
    return EncoderGraph.fast(
        settings, state.parameters(), state.runningStatistics(), config.worker().threads());
  }

  private ComputationGraph untrained() {
    EncoderSettings encoder = settings;
    int threads = config.worker().threads();
    EngineSettings engines = config.worker().engineSettings();
    int microBatch = config.train().microBatch();
    float[] parameters = new Network(encoder).initialParameters(config.train().seed());
    Dataset trainSet = datasets.train();
    long[] sample = Calibration.sample(trainSet.count(), microBatch);
    float[] statistics =
        Calibration.statistics(
            spark,
            views(trainSet, sample, sample.length, image -> NO_CLASS),
            () -> Engines.borrow(encoder, engines),
            parameters,
            microBatch);
    return EncoderGraph.fast(encoder, parameters, statistics, threads);
  }

  private void open() {
    if (classes == null) {
      testSet = datasets.test().orElseThrow();
      labelledSet = datasets.labelled().orElseGet(datasets::train);
      String key = labelledKey();
      classes =
          Classes.match(
              labelled(key, config.data().labelled().orElse(config.data().train()), labelledSet),
              labelled("data.test", config.data().test().orElseThrow(), testSet));
      if (testSet.fingerprint().equals(labelledSet.fingerprint())) {
        tell.accept(
            "data.test holds the images of "
                + key
                + ": accuracies say how well these are remembered, and nothing of others.");
      } else if (testSet.fingerprint().equals(datasets.train().fingerprint())) {
        tell.accept(
            "data.test holds the images of data.train: the encoder is trained on what it is judged"
                + " on, though not on its labels.");
      }
      Evaluation.requireRoom(
          config.evaluate(), Math.max(labelledSet.count(), testSet.count()), features());
    }
  }

  private String labelledKey() {
    return config.data().labelled().isPresent() ? "data.labelled" : "data.train";
  }

  private static Labelled labelled(String key, String path, Dataset dataset) {
    return new Labelled(key, path, dataset.unlabelled(), dataset.classCounts());
  }

  private Evaluation evaluation(LabelledViews train, LabelledViews test) {
    return new Evaluation(
        spark,
        train,
        test,
        classes.count(),
        features(),
        config.evaluate(),
        config.worker().threads(),
        tell);
  }

  /** Length of a representation h. */
  private int features() {
    return new Network(settings).features().channels();
  }

  private long[] sample(Dataset dataset, int most) {
    return KeyedSample.ids(dataset.count(), most, config.train().seed());
  }

  /** Views of some images, so many a partition. */
  private EvaluationViews views(Dataset dataset, long[] ids, int block) {
    return views(dataset, ids, block, classes);
  }

  private EvaluationViews views(
      Dataset dataset, long[] ids, int block, EvaluationViews.Labels labels) {
    int blocks = (ids.length + block - 1) / block;
    List<long[]> parts =
        IntStream.range(0, blocks)
            .mapToObj(
                i -> Arrays.copyOfRange(ids, i * block, Math.min(ids.length, (i + 1) * block)))
            .toList();
    return views(
        spark.parallelize(parts, blocks).flatMap(part -> dataset.reader().read(part)), labels);
  }

  private EvaluationViews views(JavaRDD<ImageRecord> images, EvaluationViews.Labels labels) {
    return EvaluationViews.of(
        images,
        config.augment().settings(),
        config.data().limits(),
        config.data().damaged(),
        labels);
  }

  private int blockSize() {
    return EvaluationViews.blockSize(config.augment().settings().size());
  }
}
