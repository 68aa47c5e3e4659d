package org.simclrspark.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where things are in the repository. */
final class Project {

  /** The repository. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** This module. */
  static final Path DEPLOY = ROOT.resolve("deploy");

  /** A Spark distribution as users have it, assembled by this module's build. */
  static final Path SPARK_HOME = DEPLOY.resolve("target/spark");

  /** Images to train on. */
  static final Path IMAGES = ROOT.resolve("data-pipeline/sample/cifar10/data_batch_1.bin");

  private Project() {}

  /** Jars of a directory as {@code --jars} takes them. */
  static String jars(Path directory) throws IOException {
    try (Stream<Path> jars = Files.list(directory)) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(","));
    }
  }

  /**
   * A training of a narrow ResNet-18 in small steps.
   *
   * @param settings more of the section, or others in the place of its own
   */
  static Path configuration(Path directory, int steps, String... settings) throws IOException {
    return Files.writeString(
        directory.resolve("my.conf"),
        String.format(
            Locale.ROOT,
            """
        simclr {
          data.train = "%s"
          augment.preset = cifar
          encoder { depth = 18, width = 0.25, stem = small }
          projection { hidden = 32, dim = 16 }
          train { batch = 64, shards = 4, micro-batch = 8, epochs = 2, steps = %d }
          optimizer { name = adam, learning-rate = 0.001, scaling = none, warmup-epochs = 0 }
          worker.threads = 1
          checkpoint.every-steps = 1
          %s
        }
        """,
            IMAGES.toUri(),
            steps,
            String.join("\n", List.of(settings))));
  }
}
