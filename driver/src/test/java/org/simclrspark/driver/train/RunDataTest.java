package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Progress;

/** A run that is interrupted and goes on, while its images stay, change or move. */
class RunDataTest {

  @TempDir Path directory;
  private final List<String> messages = new ArrayList<>();
  private SortedMap<String, byte[]> images;
  private Path folder;

  @BeforeEach
  void start() throws IOException {
    images = TestImages.images(25);
    folder = directory.resolve("images");
    TestImages.folder(folder, images);
    Path relative = Path.of("").toAbsolutePath().relativize(folder);
    assertThat(
            run(
                SimclrConfig.of(
                    "data.train=" + relative,
                    "augment.preset=cifar",
                    "encoder.depth=18",
                    "encoder.width=0.25",
                    "encoder.stem=small",
                    "projection.hidden=8",
                    "projection.dim=8",
                    "train.batch=4",
                    "train.shards=2",
                    "train.micro-batch=2",
                    "train.epochs=1",
                    "train.steps=1",
                    "optimizer.warmup-epochs=0",
                    "worker.threads=1")))
        .isZero();
  }

  @Test
  void aRelativePathIsKeptWhole() throws IOException {
    assertThat(stored().data().train()).isEqualTo(folder.toString());
    resume();
    assertThat(messages).anyMatch(line -> line.startsWith("Resuming"));
  }

  @Test
  void imagesThatMovedAreKnownAgain() throws IOException {
    Path moved = directory.resolve("elsewhere/photos");
    Files.createDirectories(moved.getParent());
    Files.move(folder, moved);
    assertThatThrownBy(this::resume)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing is at " + folder)
        .hasMessageEndingWith("go on with --set data.train=PATH");
    resume("data.train=" + moved);
    assertThat(messages)
        .contains("The training images are the same, moved from " + folder + " to " + moved);
    assertThat(stored().data().train()).isEqualTo(moved.toString());
    messages.clear();
    resume();
    assertThat(messages).noneMatch(line -> line.contains("moved"));
  }

  @Test
  void imagesThatAreAddedOrGoneAreRefusedByClass() throws IOException {
    Files.delete(
        folder.resolve(
            images.keySet().stream().filter(n -> n.startsWith("cat")).findFirst().get()));
    Files.createDirectories(folder.resolve("zebra"));
    for (String name : List.of("1.png", "2.png")) {
      Files.write(folder.resolve("zebra").resolve(name), images.get(images.firstKey()));
    }
    String before = Files.readString(directory.resolve("run/config.conf"));
    assertThatThrownBy(this::resume)
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "data.train: the images must be those that the run was started with, 25 images of 3"
                + " classes, found 26 images of 4 classes in "
                + folder
                + " (cat has 7, not 8; zebra is new, with 2). A run goes on with its own images:"
                + " bring them back, or name the place that they have moved to with --set"
                + " data.train=PATH. To start anew on these images: simclr pretrain --conf file:"
                + directory
                + "/run/config.conf --set data.train="
                + folder
                + " --run NEW.");
    assertThat(directory.resolve("run/config.conf")).hasContent(before);
  }

  @Test
  void imagesWhoseBytesDifferAreRefused() throws IOException {
    for (String name : images.keySet()) {
      byte[] bytes = images.get(name).clone();
      bytes[bytes.length / 2] ^= 1;
      Files.write(folder.resolve(name), bytes);
    }
    assertThatThrownBy(this::resume)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(
            "found 25 images of 3 classes in "
                + folder
                + " (as many of each class, but names, lengths or contents differ)");
  }

  @Test
  void imagesThatWereOnlyCopiedAreTheSame() throws IOException {
    for (String name : images.keySet()) {
      Files.write(folder.resolve(name), images.get(name));
      Files.setLastModifiedTime(
          folder.resolve(name), java.nio.file.attribute.FileTime.fromMillis(1_000_000));
    }
    resume();
    assertThat(messages).anyMatch(line -> line.startsWith("Resuming"));
  }

  @Test
  void aRunOfAnOlderVersionGoesOnAndSaysSo() throws IOException {
    Files.delete(directory.resolve("run/data.json"));
    resume();
    assertThat(messages)
        .anyMatch(line -> line.contains("does not say which images it was started with"));
    assertThat(directory.resolve("run/data.json")).exists();
  }

  private void resume(String... settings) throws IOException {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("train.steps=2");
    assertThat(run(SimclrConfig.load(config(), all))).isZero();
  }

  private SimclrConfig stored() throws IOException {
    return SimclrConfig.load(config(), List.of());
  }

  private com.typesafe.config.Config config() throws IOException {
    return ConfigFiles.parse(
        Files.readAllBytes(directory.resolve("run/config.conf")), "config.conf");
  }

  private int run(SimclrConfig config) {
    return Pretraining.run(
        LocalSpark.context(),
        config,
        new org.apache.hadoop.fs.Path(directory.resolve("run").toUri()),
        new Progress() {
          @Override
          public void started(long stepsDone, long stepsTotal) {}

          @Override
          public void step(
              long step, double epoch, double loss, double accuracy, double imagesPerSecond) {}

          @Override
          public void message(String line) {
            messages.add(line);
          }

          @Override
          public void finished() {}
        });
  }
}
