package org.simclrspark.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.simclrspark.driver.config.SectionsTest.assertRefused;
import static org.simclrspark.driver.config.SectionsTest.with;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.AugmentSettings.Blur;
import org.simclrspark.data.augment.AugmentSettings.ColorModel;
import org.simclrspark.data.augment.AugmentSettings.Crop;
import org.simclrspark.data.augment.AugmentSettings.CropSampling;
import org.simclrspark.data.augment.AugmentSettings.Edges;
import org.simclrspark.data.augment.AugmentSettings.Jitter;
import org.simclrspark.data.augment.AugmentSettings.Resampling;

class AugmentConfigTest {

  @Test
  void defaults() {
    AugmentConfig augment = with().augment();
    assertThat(augment)
        .isEqualTo(
            new AugmentConfig(
                AugmentConfig.Preset.SIMCLR,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    assertThat(augment.imageSize()).isEqualTo(224);
    assertThat(with("augment.preset=cifar").augment().imageSize()).isEqualTo(32);
  }

  @Test
  void everyKey() {
    AugmentConfig augment =
        with(
                "augment.preset=torchvision",
                "augment.size=96",
                "augment.strength=0.7",
                "augment.crop-area=[0.2, 0.9]",
                "augment.crop-ratio=[0.5, 2]",
                "augment.min-object-covered=0.15",
                "augment.flip=0.1",
                "augment.jitter=0.2",
                "augment.brightness=0.3",
                "augment.contrast=0.4",
                "augment.saturation=0.5",
                "augment.hue=0.06",
                "augment.grayscale=0.7",
                "augment.blur=0.8",
                "augment.blur-sigma=[0.9, 1.5]",
                "augment.evaluation-crop=0.95",
                "augment.evaluation-size=128")
            .augment();
    assertThat(augment)
        .isEqualTo(
            new AugmentConfig(
                AugmentConfig.Preset.TORCHVISION,
                Optional.of(96),
                Optional.of(0.7),
                Optional.of(new Interval(0.2, 0.9)),
                Optional.of(new Interval(0.5, 2)),
                Optional.of(0.15),
                Optional.of(0.1),
                Optional.of(0.2),
                Optional.of(0.3),
                Optional.of(0.4),
                Optional.of(0.5),
                Optional.of(0.06),
                Optional.of(0.7),
                Optional.of(0.8),
                Optional.of(new Interval(0.9, 1.5)),
                Optional.of(0.95),
                Optional.of(128)));
    assertThat(augment.imageSize()).isEqualTo(96);
  }

  @Test
  void refused() {
    assertRefused("augment.flip=1.5", "a number from 0 to 1");
    assertRefused("augment.crop-area=[0.9, 0.2]", "a list of two numbers above 0 up to 1");
    assertRefused("augment.crop-area=0.5", "a list of two numbers above 0 up to 1");
    assertThatThrownBy(() -> with("augment.crop-area=[0.05, 0.08]"))
        .hasMessage(
            "--set: augment.crop-area must leave crops of augment.min-object-covered, 0.1, found no"
                + " area above 0.08. Lower augment.min-object-covered, or raise the end of"
                + " augment.crop-area.");
    assertThatThrownBy(() -> with("augment.strength=3"))
        .hasMessageStartingWith("--set: augment.strength times")
        .hasMessageContaining("at most 0.5 turns, found 0.6");
  }

  @Test
  void presetsBecomeSettings() {
    assertThat(with().augment().settings()).isEqualTo(AugmentSettings.simclr(224));
    assertThat(with("augment.preset=cifar").augment().settings())
        .isEqualTo(AugmentSettings.cifar());
    assertThat(with("augment.preset=torchvision", "augment.size=160").augment().settings())
        .isEqualTo(AugmentSettings.torchvision(160));
  }

  @Test
  void whatIsSetWinsOverThePreset() {
    AugmentSettings settings =
        with(
                "augment.preset=torchvision",
                "augment.size=96",
                "augment.strength=0.5",
                "augment.crop-area=[0.2, 0.9]",
                "augment.crop-ratio=[0.5, 2]",
                "augment.min-object-covered=0.15",
                "augment.flip=0.1",
                "augment.jitter=0.2",
                "augment.brightness=0.4",
                "augment.hue=0.1",
                "augment.grayscale=0.7",
                "augment.blur=0.8",
                "augment.blur-sigma=[0.9, 1.5]",
                "augment.evaluation-crop=0.95")
            .augment()
            .settings();
    assertThat(settings)
        .isEqualTo(
            new AugmentSettings(
                96,
                new Crop(
                    0.2,
                    0.9,
                    0.5,
                    2,
                    CropSampling.UNIFORM_AREA,
                    10,
                    0.15,
                    Resampling.BILINEAR_ANTIALIASED),
                0.1,
                new Jitter(0.2, 0.2, 0.4, 0.4, 0.05, ColorModel.GRAY_MEAN),
                0.7,
                new Blur(0.8, 0.9, 1.5, 9, Edges.REFLECT),
                0.95));
  }
}
