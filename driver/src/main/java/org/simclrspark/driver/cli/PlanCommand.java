package org.simclrspark.driver.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.network.util.JavaUtils;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSources;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.plan.ClusterShape;
import org.simclrspark.driver.plan.Gpu;
import org.simclrspark.driver.plan.MemoryPlan;
import org.simclrspark.driver.plan.Quantity;
import org.simclrspark.driver.plan.RateCalibration;
import org.simclrspark.driver.plan.Rates;
import org.simclrspark.driver.plan.StepModel;
import org.simclrspark.driver.plan.StepPlan;
import org.simclrspark.driver.plan.Workload;
import org.simclrspark.driver.step.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says what a run will cost. */
@Command(
    name = "plan",
    description = {
      "Says what a run will take on a cluster: seconds of each phase, traffic and memory, what it"
          + " waits for most, and what to change.",
      "Starts Spark with --calibrate alone. Exit status 2 where the configuration cannot fit."
    },
    sortOptions = false)
final class PlanCommand implements Callable<Integer>, ConfiguredCommand {

  private static final int SAMPLE = 64;
  private static final int[] SIZES = {1, 8, 64, 256, 1024};

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  @Option(
      names = "--executors",
      paramLabel = "N",
      defaultValue = "1",
      description = "Executors of the cluster. Default: ${DEFAULT-VALUE}.")
  private int executors;

  @Option(
      names = "--cores",
      paramLabel = "N",
      description = "Cores of an executor. Default: worker.threads.")
  private Integer cores;

  @Option(
      names = "--gpu",
      paramLabel = "CARD",
      description = "The card of each executor: ${COMPLETION-CANDIDATES}. Default: none.")
  private Gpu gpu;

  @Option(
      names = "--network",
      paramLabel = "RATE",
      defaultValue = "10Gb/s",
      description = "Network of a machine. Default: ${DEFAULT-VALUE}.")
  private String network;

  @Option(
      names = "--storage",
      paramLabel = "RATE",
      description = "What the storage of the images gives to all together. Default: unlimited.")
  private String storage;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Images of data.train, for the time of an epoch. Default: not told.")
  private Long images;

  @Option(
      names = "--image-bytes",
      paramLabel = "N",
      defaultValue = "110000",
      description = "Mean stored size of an image. Default: ${DEFAULT-VALUE}; --calibrate looks.")
  private double imageBytes;

  @Option(
      names = "--executor-memory",
      paramLabel = "SIZE",
      description = "Heap of an executor, to hold the plan against.")
  private String executorMemory;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "What an executor may take in all, to hold the plan against.")
  private String memory;

  @Option(
      names = "--calibrate",
      description = "Measure on the cluster that --master names, in about a minute.")
  private boolean calibrate;

  @Override
  public Integer call() {
    SimclrConfig config = configuration();
    if (executors < 1 || (cores != null && cores < config.worker().threads())) {
      throw wrong(
          "--executors must be at least 1 and --cores at least worker.threads, "
              + config.worker().threads()
              + ", found "
              + executors
              + " and "
              + cores);
    }
    ClusterShape cluster =
        new ClusterShape(
            executors,
            cores == null ? config.worker().threads() : cores,
            Optional.ofNullable(gpu),
            rate("--network", network),
            storage == null ? Double.POSITIVE_INFINITY : rate("--storage", storage));
    Rates rates = calibrate ? measured(config) : assumed(config);
    Workload load = Workload.of(config, imageBytes);
    StepModel model = new StepModel(load, rates);
    StepPlan step = model.on(cluster);
    MemoryPlan needs = MemoryPlan.of(config, load, cluster);
    print(config, cluster, model, step, needs);
    List<String> problems =
        needs.problems(
            cluster, size("--executor-memory", executorMemory), size("--memory", memory));
    problems.forEach(problem -> System.err.println("simclr: " + problem));
    return problems.isEmpty() ? ExitStatus.DONE : ExitStatus.WRONG_USE;
  }

  private Rates assumed(SimclrConfig config) {
    return Rates.assumed(config, Optional.ofNullable(gpu));
  }

  private Rates measured(SimclrConfig config) {
    try (JavaSparkContext spark =
        SparkContexts.start(
            "simclr plan",
            common.master(),
            config.worker().threads(),
            config.worker().isa(),
            // Where a cluster allocates executors by need, steps would begin with few.
            Map.of("spark.dynamicAllocation.initialExecutors", Integer.toString(executors)))) {
      List<ImageRecord> sample =
          ImageSources.first(config.data().trainSpec(), SAMPLE, spark.hadoopConfiguration());
      imageBytes =
          sample.stream().mapToInt(image -> image.bytes().length).average().orElse(imageBytes);
      return new RateCalibration(spark, config, sample, executors).measure();
    }
  }

  private void print(
      SimclrConfig config, ClusterShape cluster, StepModel model, StepPlan step, MemoryPlan needs) {
    line("Constants: %s.", model.rates().measured());
    line("%-10s%12s%12s", "phase", "seconds", "bytes");
    for (Phase phase : Phase.values()) {
      line(
          "%-10s%12.3f%12s",
          phase.label(),
          step.seconds().get(phase),
          Quantity.bytes(step.bytes().getOrDefault(phase, 0L)));
    }
    int batch = config.train().batch();
    line("%-10s%12.3f   %.0f images/s", "step", step.total(), batch / step.total());
    if (images != null) {
      double epoch = images / batch * step.total();
      line(
          "%-10s%12.0f   run of %d epochs: %.1f h",
          "epoch", epoch, config.train().epochs(), epoch * config.train().epochs() / 3600);
    }
    line("");
    line("A step moves, in bytes   %12s%12s", "in", "out");
    line(
        "driver                   %12s%12s",
        Quantity.bytes(step.driverIn()), Quantity.bytes(step.driverOut()));
    line(
        "each executor            %12s%12s",
        Quantity.bytes(step.executorIn()), Quantity.bytes(step.executorOut()));
    line(
        "Memory: driver heap %s, executor heap %s, native %s%s.",
        Quantity.bytes(needs.driverHeap()),
        Quantity.bytes(needs.executorHeap()),
        Quantity.bytes(needs.executorNative()),
        needs.gpu() > 0 ? ", GPU " + Quantity.bytes(needs.gpu()) : "");
    line("Bottleneck: %s. What helps: %s.", step.bottleneck().label(), step.bottleneck().remedy());
    line(
        "Beyond %d executors, twice as many save less than a tenth of a step.",
        model.worthwhileExecutors(cluster));
    line("");
    line("%-10s%12s%12s%14s  %s", "executors", "seconds", "images/s", "driver in", "bottleneck");
    IntStream.of(SIZES)
        .forEach(
            size -> {
              StepPlan of = model.on(cluster.withExecutors(size));
              line(
                  "%-10d%12.3f%12.0f%14s  %s",
                  size,
                  of.total(),
                  batch / of.total(),
                  Quantity.bytes(of.driverIn()),
                  of.bottleneck().label());
            });
  }

  private static void line(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private double rate(String option, String text) {
    try {
      return Quantity.bytesPerSecond(text);
    } catch (IllegalArgumentException e) {
      throw wrong(option + " " + e.getMessage());
    }
  }

  private Optional<Long> size(String option, String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(JavaUtils.byteStringAsBytes(text));
    } catch (NumberFormatException e) {
      throw wrong(option + " must be a size such as 8g, found " + text);
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private SimclrConfig configuration() {
    return options.forTraining(HadoopSettings.current());
  }

  @Override
  public ConfigurationOptions options() {
    return options;
  }

  @Override
  public Optional<SimclrConfig> launchedConfiguration() {
    return Optional.of(configuration());
  }

  @Override
  public int nativeThreads() {
    return configuration().worker().threads();
  }
}
