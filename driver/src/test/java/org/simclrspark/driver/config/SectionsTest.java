package org.simclrspark.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.EncoderSettings.Norm;
import org.simclrspark.worker.network.EncoderSettings.Stem;

/**
 * For every section: its defaults, every key set to something else, a value that is refused. Here
 * those of images and network.
 */
class SectionsTest {

  static SimclrConfig with(String... settings) {
    String[] all = new String[settings.length + 1];
    all[0] = "data.train=images";
    System.arraycopy(settings, 0, all, 1, settings.length);
    return SimclrConfig.of(all);
  }

  static void assertRefused(String setting, String allowed) {
    String key = setting.substring(0, setting.indexOf('='));
    assertThatThrownBy(() -> with(setting))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("--set: " + key + " must be " + allowed)
        .hasMessageContaining(", found ")
        .satisfies(e -> assertThat(((ConfigurationException) e).problems()).hasSize(1));
  }

  @Nested
  class Data {
    @Test
    void defaults() {
      assertThat(with().data())
          .isEqualTo(
              new DataConfig(
                  "images",
                  Optional.empty(),
                  Optional.empty(),
                  "auto",
                  Columns.FOUND,
                  Damaged.FAIL,
                  DecodeLimits.DEFAULT,
                  64,
                  Optional.empty(),
                  100L << 30));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "data.train=s3a://a/b",
                      "data.test=hdfs://h:8020/t",
                      "data.labelled=/some/l",
                      "data.format=cifar100",
                      "data.columns.image=photo",
                      "data.columns.label=species",
                      "data.damaged=skip",
                      "data.limits.file-size=1MiB",
                      "data.limits.megapixels=0.5",
                      "data.requests=150",
                      "data.cache=/mnt/cache",
                      "data.cache-size=2GiB")
                  .data())
          .isEqualTo(
              new DataConfig(
                  "s3a://a/b",
                  Optional.of("hdfs://h:8020/t"),
                  Optional.of("/some/l"),
                  "cifar100",
                  new Columns("photo", "species"),
                  Damaged.SKIP,
                  new DecodeLimits(1 << 20, 500_000),
                  150,
                  Optional.of("/mnt/cache"),
                  2L << 30));
    }

    @Test
    void refused() {
      assertRefused("data.format=mnist", "one of auto, cifar10, cifar100");
      assertRefused("data.columns.image=[a]", "the name of a column");
      assertRefused("data.damaged=ignore", "one of fail, skip");
      assertRefused("data.limits.file-size=2GiB", "a size such as 64MiB, from 1 byte to 1024 MiB");
      assertRefused("data.limits.file-size=0", "a size such as 64MiB, from 1 byte to 1024 MiB");
      assertRefused("data.limits.megapixels=0", "a number above 0 up to 2000");
      assertRefused("data.requests=0", "an integer from 1 to 4096");
      assertRefused("data.cache=\"s3a://bucket/cache\"", "the absolute path of a directory");
      assertRefused("data.cache=cache", "the absolute path of a directory");
      assertRefused("data.cache-size=much", "a size such as 512MiB or 2GiB");
    }
  }

  @Nested
  class Encoder {
    @Test
    void defaults() {
      assertThat(with().encoder())
          .isEqualTo(
              new EncoderConfig(50, 1.0, Stem.IMAGENET, Norm.BATCH, true, Initialization.SIMCLR));
    }

    @Test
    void everyKey() {
      assertThat(
              with(
                      "encoder.depth=18",
                      "encoder.width=0.25",
                      "encoder.stem=small",
                      "encoder.norm=group-weight-standardised",
                      "encoder.zero-init-last-norm=false",
                      "encoder.initialization=torchvision")
                  .encoder())
          .isEqualTo(
              new EncoderConfig(
                  18,
                  0.25,
                  Stem.SMALL,
                  Norm.GROUP_WEIGHT_STANDARDISED,
                  false,
                  Initialization.TORCHVISION));
    }

    @Test
    void refused() {
      assertRefused("encoder.depth=20", "one of 18, 34, 50, 101");
      assertRefused("encoder.initialization=he", "one of simclr, torchvision");
      assertRefused("encoder.norm=layer", "one of batch, group, group-weight-standardised");
    }

    @Test
    void becomesSettings() {
      assertThat(
              with("augment.preset=cifar", "projection.layers=3", "projection.dim=64")
                  .encoderSettings())
          .isEqualTo(
              new EncoderSettings(
                  50,
                  1.0,
                  Stem.IMAGENET,
                  Norm.BATCH,
                  32,
                  true,
                  Initialization.SIMCLR,
                  3,
                  2048,
                  64));
    }
  }

  @Nested
  class Projection {
    @Test
    void defaults() {
      assertThat(with().projection()).isEqualTo(new ProjectionConfig(2, 2048, 128));
    }

    @Test
    void everyKey() {
      assertThat(
              with("projection.layers=3", "projection.hidden=512", "projection.dim=64")
                  .projection())
          .isEqualTo(new ProjectionConfig(3, 512, 64));
    }

    @Test
    void refused() {
      assertRefused("projection.layers=4", "an integer from 1 to 3");
    }
  }

  @Nested
  class Loss {
    @Test
    void defaults() {
      assertThat(with().loss()).isEqualTo(new LossConfig(0.1));
    }

    @Test
    void everyKey() {
      assertThat(with("loss.temperature=0.5").loss()).isEqualTo(new LossConfig(0.5));
    }

    @Test
    void refused() {
      assertRefused("loss.temperature=0", "a number from 0.01 to 100");
      assertRefused("loss.temperature=NaN", "a number from 0.01 to 100");
    }
  }
}
