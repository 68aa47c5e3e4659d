package org.simclrspark.driver.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.simclrspark.driver.cli.Benchmark;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A benchmark that trains a narrow ResNet-18 on standalone clusters of its own on this machine. */
abstract class ClusterBenchmark extends Benchmark {

  private static final String CONFIGURATION =
      """
      simclr {
        data.train = "%s"
        augment.preset = cifar
        encoder { depth = 18, width = 0.25, stem = small }
        projection { hidden = 32, dim = 16 }
        optimizer { name = adam, learning-rate = 0.001, scaling = none, warmup-epochs = 0 }
        worker.threads = 1
        %s
      }
      """;

  @Spec private CommandSpec spec;

  @Option(
      names = "--executors",
      defaultValue = "2",
      description = "Executors, each a process with one core. Default: ${DEFAULT-VALUE}.")
  private int executors;

  @Option(
      names = "--images",
      paramLabel = "FILE",
      description = "CIFAR-10 images. Default: the sample that comes with the repository.")
  private Path images;

  /**
   * Measures.
   *
   * @param directory for everything that clusters and trainings leave; removed afterwards
   */
  protected abstract Map<String, Object> measure(Path directory) throws Exception;

  @Override
  protected final Map<String, Object> measure() throws Exception {
    require(executors >= 1, "--executors must be at least 1, found " + executors);
    Path directory = Files.createTempDirectory("simclr-bench");
    try {
      return measure(directory);
    } finally {
      FileUtils.deleteQuietly(directory.toFile());
    }
  }

  /** The option {@code --executors}. */
  protected final int executors() {
    return executors;
  }

  /**
   * A configuration in HOCON.
   *
   * @param settings beside those that all these trainings share, or in their place
   */
  protected final String configuration(String settings) {
    return String.format(Locale.ROOT, CONFIGURATION, images(), settings);
  }

  /** Refuses options that make no sense. */
  protected final void require(boolean condition, String rule) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), rule);
    }
  }

  private Path images() {
    if (images != null) {
      return images.toAbsolutePath();
    }
    String home = System.getenv("SIMCLR_HOME");
    require(home != null, "--images must be given where SIMCLR_HOME is not set");
    return Path.of(home, "data-pipeline/sample/cifar10/data_batch_1.bin");
  }
}
