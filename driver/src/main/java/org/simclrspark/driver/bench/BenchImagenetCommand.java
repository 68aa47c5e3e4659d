package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.cli.SparkContexts;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.EvaluateConfig;
import org.simclrspark.driver.evaluate.Classes;
import org.simclrspark.driver.evaluate.Classes.Labelled;
import org.simclrspark.driver.evaluate.Evaluation;
import org.simclrspark.driver.evaluate.Evaluation.LabelledViews;
import org.simclrspark.driver.evaluate.EvaluationViews;
import org.simclrspark.driver.report.Json;
import org.simclrspark.worker.machine.Natives;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether the data path and the evaluation carry a dataset of ImageNet's size. */
@Command(
    name = "imagenet",
    description = {
      "Indexes a synthetic dataset of small JPEGs, runs steps at K = 8192 around a linear encoder of"
          + " 2,048 features in a process of their own, goes on from their checkpoint in another"
          + " process, and judges 2,048 features of all images.",
      "At 1,281,167 images the neighbours alone are 262 TFLOP, each iteration of the linear probe 10"
          + " TFLOP, and features take 11 GB of the disk that spark.local.dir lies on. The linear"
          + " probe is cut short: its accuracy is that after --linear-iterations, not of a solver"
          + " that has converged."
    },
    sortOptions = false)
public final class BenchImagenetCommand extends Benchmark {

  static final String APPLICATION = "simclr bench imagenet";
  private static final AugmentSettings AUGMENT = SyntheticImagenet.AUGMENT;
  private static final int CHANNELS = ImagenetSteps.FEATURES / (AUGMENT.size() * AUGMENT.size());
  private static final int LEAST_PARAMETERS = ImagenetSteps.DIMENSION * ImagenetSteps.FEATURES;

  @Spec private CommandSpec spec;

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
      description =
          "K, images in a step, a multiple of "
              + ImagenetSteps.SHARDS
              + ". Default: ${DEFAULT-VALUE}.")
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
  private SyntheticImagenet data;
  private long heapPeak;

  @Override
  protected Map<String, Object> measure() throws Exception {
    check();
    Natives.prepare();
    PeakWatch heap = PeakWatch.ofHeap();
    PeakWatch memory = PeakWatch.ofProcesses();
    data =
        new SyntheticImagenet(directory.toAbsolutePath().resolve(images + "-images-of-" + classes));
    result.put("images", images);
    result.put("test_images", Math.min(testImages, images / 10));
    makeAndIndex();
    FileUtils.deleteDirectory(ImagenetSteps.checkpoints(data).toFile());
    steps("first", "first_step_seconds");
    Map<String, Object> resumed = steps("resumed", "resume_first_step_seconds");
    tell("resumed_from_step", resumed.get("from_step"));
    tell("shuffled_image_bytes", resumed.get("shuffled_image_bytes"));
    tell("read_bytes_ratio", resumed.get("read_bytes_ratio"));
    evaluate();
    result.put("driver_heap_peak", Math.max(heapPeak, heap.peak()));
    result.put("memory_peak", memory.peak());
    return result;
  }

  private void check() {
    int shards = ImagenetSteps.SHARDS;
    require(
        batch >= shards && batch % shards == 0,
        "--batch must be a positive multiple of " + shards + ", found " + batch);
    require(images >= batch, "--images must be at least --batch, " + batch + ", found " + images);
    require(images >= 10, "--images must be at least 10, found " + images);
    require(testImages >= 1, "--test-images must be at least 1, found " + testImages);
    require(
        classes >= 2 && classes <= images,
        "--classes must be from 2 to --images, " + images + ", found " + classes);
    require(
        parameters >= LEAST_PARAMETERS,
        "--parameters must be at least " + LEAST_PARAMETERS + ", found " + parameters);
    require(
        linearIterations >= 0, "--linear-iterations must be at least 0, found " + linearIterations);
  }

  private void require(boolean condition, String rule) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), rule);
    }
  }

  private void makeAndIndex() throws IOException {
    try (JavaSparkContext spark = SparkContexts.start(APPLICATION, master(), 1)) {
      System.out.println("Images are in " + data.home() + ".");
      data.make(spark, images, Math.min(testImages, images / 10), classes);
      data.deleteIndexes();
      long start = System.nanoTime();
      data.train(spark);
      data.test(spark);
      tell("index_seconds", seconds(start));
    }
  }

  /** Some steps in a process of their own. */
  private Map<String, Object> steps(String name, String ofFirstStep)
      throws IOException, InterruptedException {
    Path log = data.home().resolve(name + "-steps.log");
    Path results = data.home().resolve(name + "-steps.json");
    Files.deleteIfExists(log);
    Files.deleteIfExists(results);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                data.home().toString(),
                Integer.toString(batch),
                Integer.toString(parameters),
                results.toString()));
    if (master() != null) {
      arguments.add(master());
    }
    String heap = Runtime.getRuntime().maxMemory() / (1 << 20) + "m";
    try (JavaProcess process =
        JavaProcess.start(
            log, Map.of(), heap, List.of(), ImagenetSteps.class.getName(), arguments)) {
      process.requireSuccess("The process of the " + name + " steps");
    }
    Map<String, Object> found = Json.parse(Files.readString(results));
    heapPeak = Math.max(heapPeak, ((Number) found.get("heap_peak")).longValue());
    tell(ofFirstStep, found.get("first_step_seconds"));
    return found;
  }

  private void evaluate() {
    EvaluateConfig config =
        new EvaluateConfig(
            0,
            new EvaluateConfig.Sample(1, 1),
            128,
            new EvaluateConfig.Knn(200, 0.1),
            new EvaluateConfig.Linear(linearIterations > 0, Math.max(1, linearIterations), 1e-3));
    try (JavaSparkContext spark = SparkContexts.start(APPLICATION, master(), threads())) {
      Dataset train = data.train(spark);
      Dataset test = data.test(spark);
      Classes names = Classes.match(labelled("train", train), labelled("test", test));
      long start = System.nanoTime();
      Evaluation.Accuracy found =
          new Evaluation(
                  spark,
                  views(spark, train, names),
                  views(spark, test, names),
                  names.count(),
                  ImagenetSteps.FEATURES,
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
                .seed(1)
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
}
