package org.simclrspark.driver;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A training of seconds, for tests of commands in processes of their own. */
public final class TinyTraining {

  private static final String IMAGES = "data-pipeline/sample/cifar10/data_batch_1.bin";

  /** Bytes of an image, its label included. */
  private static final int RECORD = 3073;

  private TinyTraining() {}

  /**
   * Writes its configuration: a narrow ResNet-18 on real images.
   *
   * @param settings more of the section, or others in the place of its own
   */
  public static Path configuration(Path directory, String... settings) throws IOException {
    Config own =
        ConfigFactory.parseString(
            """
            simclr {
              data.train = "%s"
              augment.preset = cifar
              encoder { depth = 18, width = 0.25, stem = small }
              projection { hidden = 32, dim = 16 }
              train { batch = 64, shards = 4, micro-batch = 8, epochs = 2 }
              optimizer { name = adam, learning-rate = 0.001, scaling = none, warmup-epochs = 0 }
              worker.threads = 1
            }
            """
                .formatted(images()));
    // In one file, a key that is written twice is refused.
    Config merged =
        ConfigFactory.parseString(String.join("\n", settings)).atPath("simclr").withFallback(own);
    return Files.writeString(
        directory.resolve("run.conf"),
        merged.root().render(ConfigRenderOptions.concise().setFormatted(true)));
  }

  /** The images that it trains on. */
  public static Path images() {
    return SimclrProcess.repository().resolve(IMAGES);
  }

  /** Writes {@code train.bin} and {@code test.bin}, with so many of the images each. */
  public static void split(Path directory, int train, int test) throws IOException {
    byte[] all = Files.readAllBytes(images());
    int end = train * RECORD;
    Files.write(directory.resolve("train.bin"), Arrays.copyOf(all, end));
    Files.write(directory.resolve("test.bin"), Arrays.copyOfRange(all, end, end + test * RECORD));
  }
}
