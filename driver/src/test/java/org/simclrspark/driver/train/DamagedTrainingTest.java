package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;

/** Training on a folder in which some images are damaged. */
class DamagedTrainingTest {

  private static final int IMAGES = 48;

  @TempDir Path directory;

  @Test
  void failsByDefaultAndGoesOnWithoutThemIfAsked() throws Exception {
    for (int i = 0; i < IMAGES; i++) {
      byte[] png = png(i);
      // The 12 bytes of a PNG's end chunk cost no pixels.
      byte[] endless = Arrays.copyOf(png, png.length - 12);
      write(i, i == 5 ? new byte[0] : i == 30 ? Arrays.copyOf(png, 200) : i == 7 ? endless : png);
    }

    SimclrProcess failing = train("fail");
    assertThat(failing.exitStatus()).as(failing.output()).isEqualTo(3);
    assertThat(failing.output())
        .containsPattern("simclr: Every image must be readable, but .*/(005|030).png is not: ")
        .contains("data.damaged = skip")
        .doesNotContain("\tat ");

    SimclrProcess skipping = train("skip");
    assertThat(skipping.exitStatus()).as(skipping.output()).isZero();
    assertThat(skipping.output())
        .containsOnlyOnce("/005.png: the file is empty")
        .containsOnlyOnce("/030.png: ")
        .containsOnlyOnce("/007.png (its end chunk is missing)")
        .doesNotContain("\tat ");
    List<Map<String, Object>> lines = Metrics.read(run(), new Configuration());
    assertThat(lines).extracting(line -> line.get("images_skipped")).containsExactly(2, 2);
    Map<String, Object> summary = Summary.read(run(), new Configuration()).orElseThrow().values();
    assertThat(lines).extracting(line -> line.get("images_repaired")).containsExactly(1, 1);
    assertThat(summary).containsEntry("images_skipped", 4).containsEntry("images_repaired", 2);
  }

  private SimclrProcess train(String damaged) throws IOException {
    Path conf =
        TinyTraining.configuration(
            directory,
            "data.train = \"" + directory.resolve("images") + "\"",
            "train { batch = 48, micro-batch = 4 }",
            "checkpoint.every-epochs = 0");
    return SimclrProcess.start(
        directory,
        List.of(),
        List.of(
            "pretrain",
            "--conf",
            conf.toString(),
            "--set",
            "data.damaged=" + damaged,
            "--master",
            "local[2]",
            "--run",
            run().toString()));
  }

  private org.apache.hadoop.fs.Path run() {
    return new org.apache.hadoop.fs.Path(directory.resolve("run").toString());
  }

  private void write(int index, byte[] content) throws IOException {
    Path folder = directory.resolve("images/class-" + index % 2);
    Files.createDirectories(folder);
    Files.write(folder.resolve(String.format(Locale.ROOT, "%03d.png", index)), content);
  }

  private static byte[] png(int seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    for (int pixel = 0; pixel < 1024; pixel++) {
      image.setRGB(pixel % 32, pixel / 32, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
