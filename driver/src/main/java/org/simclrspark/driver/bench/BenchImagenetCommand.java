package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.epoch.EpochPlan;
import org.simclrspark.data.epoch.EpochShards;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.EvaluateConfig;
import org.simclrspark.driver.evaluate.Classes;
import org.simclrspark.driver.evaluate.Classes.Labelled;
import org.simclrspark.driver.evaluate.Evaluation;
import org.simclrspark.driver.evaluate.Evaluation.LabelledViews;
import org.simclrspark.driver.evaluate.EvaluationViews;
import org.simclrspark.driver.optimizer.Lars;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.PhaseClock;
import org.simclrspark.driver.step.StepResult;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.EngineSource;
import org.simclrspark.worker.LinearEngine;
import org.simclrspark.worker.Natives;
import org.simclrspark.worker.ShardPlan;
import org.simclrspark.worker.ShardWorker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether the data path and the evaluation carry a dataset of ImageNet's size. */
@Command(
    name = "imagenet",
    description = {
      "Indexes a synthetic dataset of small JPEGs, runs steps at K = 8192 around an encoder that"
          + " costs nothing, goes on with them in another Spark application, and judges 2,048"
          + " features of all images.",
      "At 1,281,167 images the neighbours alone are 262 TFLOP. The linear probe is cut short: its"
          + " accuracy is that after --linear-iterations, not of a solver that has converged."
    },
    sortOptions = false)
public final class BenchImagenetCommand extends Benchmark {

  private static final String APPLICATION = "simclr bench imagenet";
  private static final int DIMENSION = 128;
  private static final int CHANNELS = 2;
  private static final int STEPS = 3;
  private static final long SEED = 1;
  private static final AugmentSettings AUGMENT = AugmentSettings.cifar();

  @Option(
      names = "--images",
      defaultValue = "1281167",
      description = "Training images. Default: ${DEFAULT-VALUE}, ImageNet's.")
  private long images;

  @Option(
      names = "--test-images",
      defaultValue = "50000",
      description = "Test images, at most a tenth of the others. Default: ${DEFAULT-VALUE}.")
  private long testImages;

  @Option(
      names = "--classes",
      defaultValue = "1000",
      description = "Their classes. Default: ${DEFAULT-VALUE}.")
  private int classes;

  @Option(
      names = "--batch",
      defaultValue = "8192",
      description = "K, images in a step, a multiple of 8. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--parameters",
      defaultValue = "5000000",
      description = "Length of the parameter vector. Default: ${DEFAULT-VALUE}.")
  private int parameters;

  @Option(
      names = "--linear-iterations",
      defaultValue = "3",
      description = "Iterations of the linear probe; 0 for none. Default: ${DEFAULT-VALUE}.")
  private int linearIterations;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "data/bench-imagenet",
      description =
          "Where dataset and index are, on this machine; the dataset is kept for the next time."
              + " Default: ${DEFAULT-VALUE}.")
  private Path directory;

  private final Map<String, Object> result = new LinkedHashMap<>();

  @Override
  protected Map<String, Object> measure() throws Exception {
    Natives.prepare();
    HeapWatch heap = HeapWatch.start();
    Path home = directory.toAbsolutePath().resolve(images + "-images-of-" + classes);
    result.put("images", images);
    make(home);
    delete(home.resolve("index"));
    try (JavaSparkContext spark = SparkContexts.start(APPLICATION, master(), 1)) {
      long start = System.nanoTime();
      train(spark, home);
      test(spark, home);
      tell("index_seconds", seconds(start));
    }
    LinearEngine engine = new LinearEngine(parameters, DIMENSION);
    float[] theta = engine.initialParameters(SEED);
    Lars lars = new Lars(engine.parameters(), 0.9, 1e-6, 0.001);
    steps("first_step_seconds", home, theta, lars, 0);
    steps("resume_first_step_seconds", home, theta, lars, STEPS);
    evaluate(home);
    result.put("driver_heap_peak", heap.peak());
    return result;
  }

  private void make(Path home) throws IOException {
    try (JavaSparkContext spark = SparkContexts.start(APPLICATION, master(), 1)) {
      System.out.println("Images are in " + home + ".");
      new SyntheticClasses(home.resolve("train"), images, classes, 1).make(spark);
      new SyntheticClasses(home.resolve("test"), Math.min(testImages, images / 10), classes, 2)
          .make(spark);
    }
  }

  private static Dataset train(JavaSparkContext spark, Path home) {
    return open(spark, DatasetSpec.train(files(home, "train"), "tar"), home, "train");
  }

  private static Dataset test(JavaSparkContext spark, Path home) {
    return open(spark, DatasetSpec.test(files(home, "test"), "tar"), home, "test");
  }

  private static String files(Path home, String split) {
    return home.resolve(split) + "/part-*.tar";
  }

  private static Dataset open(JavaSparkContext spark, DatasetSpec spec, Path home, String index) {
    String directory = home.resolve("index").resolve(index).toString();
    return ImageSources.open(
        spark, spec, new org.apache.hadoop.fs.Path(directory), ReadSettings.DEFAULT);
  }

  /** Some steps in a Spark application of their own; the clock of the first starts with it. */
  private void steps(String name, Path home, float[] theta, Lars lars, int from) {
    int length = parameters;
    ShardPlan plan = new ShardPlan(batch, 8, batch / 8);
    ShardWorker worker =
        new ShardWorker(
            EngineSource.ofNew(() -> new LinearEngine(length, DIMENSION)), plan, 256L << 20);
    Augmentation views =
        new Augmentation(AUGMENT, DecodeLimits.DEFAULT, SEED, plan.imagesPerShard(), false);
    NtXentSettings loss = new NtXentSettings(DIMENSION, 0.1, 1);
    long start = System.nanoTime();
    try (JavaSparkContext spark = SparkContexts.start(APPLICATION, master(), 1);
        TrainingStep step = new TrainingStep(spark, plan, views, worker, loss, new int[0])) {
      Dataset dataset = train(spark, home);
      ReadCounters counters = new ReadCounters(spark);
      EpochPlan order = new EpochPlan(dataset.count(), batch, plan.shards(), SEED, 0);
      EpochShards epoch = new EpochShards(spark, dataset, order, counters);
      int last = (int) Math.min(from + STEPS, dataset.count() / batch);
      for (int i = Math.min(from, last - 1); i < last; i++) {
        StepResult done = step.run(i + 1, 0, epoch.step(i), theta);
        lars.update(theta, done.gradient(), 0.1);
        if (!result.containsKey(name)) {
          tell(name, seconds(start));
        }
      }
      if (from > 0) {
        read(spark, epoch, counters, last);
      }
    }
  }

  /** Reads the images of steps alone, and counts what is moved for it. */
  private void read(JavaSparkContext spark, EpochShards epoch, ReadCounters counters, int steps) {
    counters.sinceLastTime();
    long ofImages = 0;
    long shuffled;
    try (PhaseClock clock = new PhaseClock(spark)) {
      clock.restart("order");
      for (int i = 0; i < steps; i++) {
        JavaRDD<Long> bytes = epoch.step(i).map(image -> (long) image.bytes().length);
        ofImages += clock.timeJob(Phase.SHARDS, Phase.EMBED, () -> bytes.fold(0L, Long::sum));
      }
      shuffled = clock.bytes().get(Phase.SHARDS);
    }
    tell("shuffled_image_bytes", shuffled);
    tell("read_bytes_ratio", (double) counters.sinceLastTime().get("bytes") / ofImages);
  }

  private void evaluate(Path home) {
    EvaluateConfig config =
        new EvaluateConfig(
            0,
            new EvaluateConfig.Sample(1, 1),
            128,
            new EvaluateConfig.Knn(200, 0.1),
            new EvaluateConfig.Linear(linearIterations > 0, Math.max(1, linearIterations), 1e-3));
    try (JavaSparkContext spark = SparkContexts.start(APPLICATION, master(), threads())) {
      Dataset train = train(spark, home);
      Dataset test = test(spark, home);
      Classes names = Classes.match(labelled("train", train), labelled("test", test));
      long start = System.nanoTime();
      Evaluation.Accuracy found =
          new Evaluation(
                  spark,
                  views(spark, train, names),
                  views(spark, test, names),
                  names.count(),
                  CHANNELS * AUGMENT.size() * AUGMENT.size(),
                  config,
                  threads(),
                  System.out::println)
              .accuracy(encoder());
      tell("knn_accuracy", found.knn());
      tell("linear_accuracy", found.linear().orElse(Double.NaN));
      tell("evaluate_seconds", seconds(start));
    }
  }

  private static Labelled labelled(String split, Dataset dataset) {
    return new Labelled(split, split, dataset.unlabelled(), dataset.classCounts());
  }

  private static LabelledViews views(JavaSparkContext spark, Dataset dataset, Classes names) {
    return new LabelledViews(
        EvaluationViews.of(
            dataset.images(spark, EvaluationViews.blockSize(AUGMENT.size())),
            AUGMENT,
            DecodeLimits.DEFAULT,
            Damaged.FAIL,
            names),
        dataset.count());
  }

  /** Two mixtures of the colours at each of 32 x 32 pixels: 2,048 features. */
  private static ComputationGraph encoder() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .graphBuilder()
                .addInputs("views")
                .setInputTypes(InputType.convolutional(AUGMENT.size(), AUGMENT.size(), 3))
                .validateOutputLayerConfig(false)
                .addLayer(
                    "h",
                    new ConvolutionLayer.Builder(1, 1)
                        .nOut(CHANNELS)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "views")
                .setOutputs("h")
                .build());
    graph.init();
    return graph;
  }

  private void tell(String name, Object value) {
    result.put(name, value);
    System.out.printf(Locale.ROOT, "%s %s%n", name, value);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var paths = Files.walk(directory)) {
      List<Path> deepestFirst = paths.sorted(java.util.Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }
}
