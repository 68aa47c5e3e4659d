package org.simclrspark.driver.evaluate;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.EvaluateConfig;
import org.simclrspark.driver.report.FailureWords;
import org.simclrspark.worker.shard.DamagedImage;

/**
 * Judges encoders by what a simple classifier can read from their representations of one labelled
 * dataset.
 */
public final class Evaluation {

  private static final int MOST_TOLD = 20;
  private static final int NEIGHBOURS_SHOWN = 8;
  private static final long SEED_OF_PROBE = 1;

  private final JavaSparkContext spark;
  private final LabelledViews train;
  private final LabelledViews test;
  private final EvaluateConfig config;
  private final int classes;
  private final int threads;
  private final Consumer<String> tell;

  /** Which images have had those told that cannot be decoded. */
  private final Set<String> told = new HashSet<>();

  private int shownQueries;
  private Consumer<List<NearestImages>> shown = nearest -> {};

  private final EvaluationCost cost;

  /**
   * Images to learn from, or to predict.
   *
   * @param views of the images
   * @param count number of images, those included that cannot be decoded
   */
  public record LabelledViews(EvaluationViews views, long count) {}

  /**
   * Looks whether an evaluation can be held in memory, so that it is not found out after training.
   *
   * @param images the more of the training and the test images
   * @param features length of a representation h
   * @throws ConfigurationException if it cannot
   */
  public static void requireRoom(EvaluateConfig config, long images, int features) {
    if (config.linear().sgd().enabled()) {
      SgdProbe.requireRoom(images, features);
    }
  }

  /**
   * Sets up the evaluation.
   *
   * @param train labelled images that neighbours and the probe come from
   * @param test images that are predicted
   * @param classes their number; all labels are below it
   * @param features length of a representation h
   * @param threads of a task
   * @param tell shows a line: what it will cost, and how far it is
   */
  public Evaluation(
      JavaSparkContext spark,
      LabelledViews train,
      LabelledViews test,
      int classes,
      int features,
      EvaluateConfig config,
      int threads,
      Consumer<String> tell) {
    this.spark = spark;
    this.train = train;
    this.test = test;
    this.classes = classes;
    this.config = config;
    this.threads = threads;
    this.tell = tell;
    this.cost = new EvaluationCost(train.count(), test.count(), features);
  }

  /**
   * Has the trained encoder's nearest neighbours of some test images shown, whatever else is found.
   *
   * @param queries how many test images; 0 for none
   * @param show takes them; what it throws is told and goes no further
   */
  public void showNearest(int queries, Consumer<List<NearestImages>> show) {
    shownQueries = queries;
    shown = show;
  }

  private void showNearest(Rows trainRows, Rows testRows) {
    if (shownQueries == 0) {
      return;
    }
    try {
      shown.accept(NearestImages.of(trainRows, testRows, shownQueries, NEIGHBOURS_SHOWN));
    } catch (Exception e) {
      // Not only unchecked ones: Spark, which is written in Scala, declares none.
      tell.accept("Warning: the report will lack neighbours. " + FailureWords.of(e));
    }
  }

  /**
   * Accuracy of nearest neighbours on an encoder's h, a fraction: the quick look during training.
   *
   * @param encoder see {@link FeatureExtractor#extract}
   */
  public double knnAccuracy(ComputationGraph encoder) {
    tell.accept(cost.before(1, 0, ""));
    try (PhaseProgress progress = new PhaseProgress(spark, tell)) {
      return knnAccuracy(encoder, "", progress);
    }
  }

  private double knnAccuracy(ComputationGraph encoder, String of, PhaseProgress progress) {
    try (Rows trainRows = features(train, encoder, " labelled", progress);
        Rows testRows = features(test, encoder, " test", progress)) {
      if (of.isEmpty()) {
        showNearest(trainRows, testRows);
      }
      return knn(trainRows, testRows, "h" + of, progress).accuracy();
    }
  }

  /**
   * What is read from one encoder's h.
   *
   * @param trainImages that neighbours and the probe came from
   * @param testImages that were predicted
   * @param commonestClass accuracy of always predicting the test set's commonest class
   * @param neighbours k as it was used
   * @param knn accuracy of nearest neighbours, a fraction
   * @param linear accuracy of the linear probe; empty if it is switched off
   * @param probes accuracies of the linear probe in other ways, by their names in the summary
   */
  public record Accuracy(
      long trainImages,
      long testImages,
      double commonestClass,
      int neighbours,
      double knn,
      OptionalDouble linear,
      Map<String, Double> probes) {}

  /**
   * Nearest neighbours and the linear probe on an encoder's h.
   *
   * @param encoder see {@link FeatureExtractor#extract}
   */
  public Accuracy accuracy(ComputationGraph encoder) {
    tell.accept(cost.before(1, 0, probeCost()));
    try (PhaseProgress progress = new PhaseProgress(spark, tell)) {
      return accuracy(encoder, progress);
    }
  }

  private Accuracy accuracy(ComputationGraph encoder, PhaseProgress progress) {
    try (Rows trainRows = features(train, encoder, " labelled", progress);
        Rows testRows = features(test, encoder, " test", progress)) {
      NearestNeighbours.Result knn = knn(trainRows, testRows, "h", progress);
      showNearest(trainRows, testRows);
      OptionalDouble linear = OptionalDouble.empty();
      if (config.linear().enabled()) {
        progress.begin("the linear probe");
        linear =
            OptionalDouble.of(
                new LinearProbe(spark, config.linear(), classes, threads)
                    .accuracy(trainRows, testRows));
      }
      return new Accuracy(
          trainRows.count(),
          testRows.count(),
          commonestClass(testRows),
          knn.neighbours(),
          knn.accuracy(),
          linear,
          otherProbes(encoder, trainRows, testRows, progress));
    }
  }

  private Map<String, Double> otherProbes(
      ComputationGraph encoder, Rows trainRows, Rows testRows, PhaseProgress progress) {
    Map<String, Double> probes = new LinkedHashMap<>();
    if (config.linear().sgd().enabled()) {
      probes.put(
          EvaluationReport.LINEAR_SGD,
          new SgdProbe(config.linear().sgd(), classes, SEED_OF_PROBE, threads)
              .accuracy(
                  epoch -> {
                    Rows rows =
                        features(
                            new LabelledViews(
                                train.views().croppedAndFlipped(epoch), train.count()),
                            encoder,
                            " labelled",
                            progress);
                    progress.begin("the linear probe by SGD");
                    return rows;
                  },
                  testRows));
    }
    if (config.linear().transfer()) {
      progress.begin("the linear probe of transfer experiments");
      probes.put(
          EvaluationReport.LINEAR_TRANSFER,
          new TransferProbe(spark, config.linear().iterations(), classes, threads)
              .accuracy(trainRows, testRows)
              .accuracy());
    }
    return probes;
  }

  /**
   * All there is to know at the end of training.
   *
   * @param encoder as trained
   * @param untrained the same encoder with initial parameters
   */
  public EvaluationReport evaluate(ComputationGraph encoder, ComputationGraph untrained) {
    tell.accept(cost.before(2, PixelRows.size(train.views().imageSize()), probeCost()));
    try (PhaseProgress progress = new PhaseProgress(spark, tell)) {
      Accuracy trained = accuracy(encoder, progress);
      EvaluationReport report =
          new EvaluationReport(
              trained.trainImages(),
              trained.testImages(),
              train.count() + test.count() - trained.trainImages() - trained.testImages(),
              trained.commonestClass(),
              config.knn().k(),
              trained.neighbours(),
              trained.knn(),
              trained.linear(),
              rawPixels(progress),
              knnAccuracy(untrained, " of the untrained encoder", progress),
              trained.probes());
      tell.accept(cost.after(spark, progress.seconds(), threads));
      return report;
    }
  }

  private String probeCost() {
    return config.linear().enabled()
        ? cost.ofLinearProbe(classes, config.linear().iterations())
        : "";
  }

  private Rows features(
      LabelledViews images, ComputationGraph encoder, String which, PhaseProgress progress) {
    progress.begin(String.format(Locale.ROOT, "features of %,d%s images", images.count(), which));
    Rows rows = new FeatureExtractor(spark, config.batch()).extract(images.views(), encoder);
    if (rows.count() == 0) {
      rows.close();
      throw new DataException(
          "Evaluation must have"
              + which
              + " images, found none that can be decoded among "
              + images.count());
    }
    tellDamaged(images, rows, which);
    return rows;
  }

  /** A line for every image that was left out, the first time that its dataset is encoded. */
  private void tellDamaged(LabelledViews images, Rows rows, String which) {
    if (rows.count() == images.count() || !told.add(which)) {
      return;
    }
    List<DamagedImage> damaged = images.views().damaged();
    for (DamagedImage image : damaged.subList(0, Math.min(MOST_TOLD, damaged.size()))) {
      tell.accept("Skipped " + image.name() + ": " + image.reason());
    }
    tell.accept(
        String.format(
            Locale.ROOT,
            "Left out %,d of %,d%s images, which cannot be decoded.",
            images.count() - rows.count(),
            images.count(),
            which));
  }

  private double rawPixels(PhaseProgress progress) {
    progress.begin("raw pixels");
    try (PixelRows pixels = new PixelRows(spark, train.views(), test.views())) {
      return knn(pixels.train(), pixels.test(), "raw pixels", progress).accuracy();
    }
  }

  private NearestNeighbours.Result knn(
      Rows trainRows, Rows testRows, String of, PhaseProgress progress) {
    String phase = "nearest neighbours on " + of;
    cost.similarities(phase, trainRows, testRows);
    progress.begin(phase);
    return new NearestNeighbours(spark, config.knn(), threads)
        .classify(trainRows, testRows, classes);
  }

  private double commonestClass(Rows testRows) {
    long largest = 0;
    for (long count : testRows.labelCounts(classes)) {
      largest = Math.max(largest, count);
    }
    return (double) largest / testRows.count();
  }
}
