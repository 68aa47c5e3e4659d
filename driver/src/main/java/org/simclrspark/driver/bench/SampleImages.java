package org.simclrspark.driver.bench;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The images that come with the repository. */
final class SampleImages {

  private SampleImages() {}

  /** The images that the user gave, or else the sample. */
  static Path orGiven(Path images, CommandSpec spec) {
    if (images != null) {
      return images.toAbsolutePath();
    }
    String home = System.getenv("SIMCLR_HOME");
    if (home == null) {
      throw new ParameterException(
          spec.commandLine(), "--images must be given where SIMCLR_HOME is not set");
    }
    return Path.of(home, "data-pipeline/sample/cifar10/data_batch_1.bin");
  }
}
