package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.report.Summary;

/**
 * An evaluation that learns from other images than those of the training. Its labels are wrong on
 * purpose, each class has another's name: whatever learns from them is always wrong, and whatever
 * learns from the labels of the training images, among which the test images are, is always right.
 */
class LabelledImagesTest {

  private static final Map<String, String> OTHER = Map.of("ant", "bee", "bee", "cat", "cat", "ant");
  private static final List<String> ACCURACIES =
      List.of(
          "knn_accuracy",
          "linear_accuracy",
          "knn_accuracy_raw_pixels",
          "knn_accuracy_random_encoder");

  @TempDir Path directory;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void makeImages() throws IOException {
    SortedMap<String, byte[]> images = TestImages.images(24);
    TestImages.folder(directory.resolve("train"), images);
    SortedMap<String, byte[]> some = new TreeMap<>();
    SortedMap<String, byte[]> wrong = new TreeMap<>();
    List<String> paths = new ArrayList<>();
    images.forEach(
        (name, bytes) -> {
          paths.add(directory.resolve("train").resolve(name).toString());
          if (some.size() < 15 && paths.size() % 8 < 5) {
            some.put(name, bytes);
            wrong.put(OTHER.get(name.substring(0, 3)) + name.substring(3), bytes);
          }
        });
    TestImages.folder(directory.resolve("test"), some);
    TestImages.folder(directory.resolve("wrong"), wrong);
    Files.write(directory.resolve("unlabelled.txt"), paths);
  }

  private SimclrConfig config(String train, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "data.train=" + directory.resolve(train),
                "data.test=" + directory.resolve("test"),
                "augment.preset=cifar",
                "encoder.depth=18",
                "encoder.width=0.25",
                "encoder.stem=small",
                "projection.hidden=8",
                "projection.dim=8",
                "train.batch=24",
                "train.shards=1",
                "train.micro-batch=24",
                "train.epochs=2",
                "optimizer.warmup-epochs=0",
                "evaluate.every-epochs=1",
                "evaluate.knn.k=1",
                "evaluate.linear.sgd.enabled=true",
                "evaluate.linear.sgd.batch=15",
                "evaluate.linear.sgd.epochs=5",
                "evaluate.linear.sgd.learning-rate=10",
                "report.images=2",
                "worker.threads=1"));
    settings.addAll(List.of(more));
    return SimclrConfig.of(settings.toArray(new String[0]));
  }

  private String labelled(String name) {
    return "data.labelled=" + directory.resolve(name);
  }

  private Map<String, Object> train(String run, SimclrConfig config) {
    Pretraining.run(LocalSpark.context(), config, path(run), new Lines(said));
    return Summary.read(path(run), new Configuration()).orElseThrow().values();
  }

  private org.apache.hadoop.fs.Path path(String run) {
    return new org.apache.hadoop.fs.Path(directory.resolve(run).toUri());
  }

  private void look(SimclrConfig config) {
    Datasets datasets = new Datasets(LocalSpark.context(), config, path("index"), false, said::add);
    Pretraining.requireTrainable(LocalSpark.context(), config, datasets, said::add);
  }

  @Test
  void areWhatEveryEvaluationLearnsFromAndTrainingDoesNotSee() throws IOException {
    Map<String, Object> own = train("own", config("train"));
    said.clear();
    Map<String, Object> other = train("other", config("train", labelled("wrong")));

    assertThat(ACCURACIES).allSatisfy(name -> assertThat(own.get(name)).isEqualTo(1.0));
    assertThat(ACCURACIES).allSatisfy(name -> assertThat(other.get(name)).isEqualTo(0.0));
    // So few steps of SGD are not always right, but better than guessing in one of three.
    assertThat((double) own.get("linear_accuracy_sgd")).isGreaterThan(0.34);
    assertThat((double) other.get("linear_accuracy_sgd")).isLessThan(0.33);
    assertThat(own).containsEntry("evaluation_train_images", 24);
    assertThat(other).containsEntry("evaluation_train_images", 15);
    assertThat(other.get("parameters_sha256")).isEqualTo(own.get("parameters_sha256"));
    assertThat(other.get("data_fingerprint")).isEqualTo(own.get("data_fingerprint"));
    assertThat(Metrics.read(path("other"), new Configuration()))
        .first()
        .satisfies(
            line ->
                assertThat(line)
                    .containsEntry("knn_accuracy", 0.0)
                    .containsEntry("knn_train_images", 15));
    assertThat(said)
        .contains(
            "Evaluating 15 test images with 15 labelled images: 30 images through the encoder,"
                + " 57.6 kFLOP of similarities.",
            "Neighbours and probes learn from 15 labelled images; the encoder was trained on 24,"
                + " without labels.");
    Map<String, Object> near =
        Json.parse(Files.readString(directory.resolve("other/report/neighbours.json")));
    assertThat((List<?>) near.get("queries"))
        .hasSize(2)
        .allSatisfy(
            query ->
                assertThat((List<?>) ((Map<?, ?>) query).get("neighbours"))
                    .first()
                    .extracting(nearest -> ((Map<?, ?>) nearest).get("label"))
                    .isEqualTo(OTHER.get(((Map<?, ?>) query).get("label"))));

    SimclrConfig stored =
        SimclrConfig.load(
            ConfigFiles.parse(directory.resolve("other/config.conf").toFile()),
            List.of("data.labelled=null"));
    Judging.run(LocalSpark.context(), stored, path("other"), new Lines(said));
    Map<String, Object> judged =
        Summary.read(path("other"), new Configuration()).orElseThrow().values();
    assertThat(ACCURACIES).allSatisfy(name -> assertThat(judged.get(name)).isEqualTo(1.0));
  }

  @Test
  void trainingImagesNeedNoLabelsBesideThem() {
    Map<String, Object> summary =
        train(
            "run",
            config("unlabelled.txt", labelled("wrong"), "evaluate.linear.sgd.enabled=false"));
    assertThat(summary)
        .containsEntry("knn_accuracy", 0.0)
        .containsEntry("linear_accuracy", 0.0)
        .containsEntry("knn_accuracy_random_encoder", 0.0);
    assertThatThrownBy(() -> look(config("unlabelled.txt")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "found 24 of 24 in data.train (" + directory.resolve("unlabelled.txt"))
        .hasMessageContaining("name labelled images with data.labelled");
  }

  @Test
  void mistakesNameTheKey() throws IOException {
    assertThatThrownBy(() -> look(config("train", labelled("nowhere"))))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("data.labelled: Data must exist, but nothing is at " + directory);
    assertThatThrownBy(() -> look(config("train", labelled("unlabelled.txt"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found 24 of 24 in data.labelled (" + directory)
        .hasMessageEndingWith(
            "use a labelled dataset, learn from data.train with data.labelled=null, or set data.test=null to go without evaluation");
    Files.createDirectories(directory.resolve("empty"));
    assertThatThrownBy(() -> look(config("train", labelled("empty"))))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("data.labelled: ");
    Files.move(directory.resolve("wrong/cat"), directory.resolve("wrong/cow"));
    assertThatThrownBy(() -> look(config("train", labelled("wrong"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "one of those in data.labelled ("
                + directory.resolve("wrong")
                + "), found 1 in data.test ("
                + directory.resolve("test")
                + ") alone: cat; data.labelled has ant, bee, cow. ");
    // Without test images nothing learns from them.
    look(config("train", labelled("nowhere"), "data.test=null"));
  }

  @Test
  void testImagesAmongThemAreTold() {
    look(config("train", labelled("test")));
    assertThat(said).last().asString().startsWith("data.test holds the images of data.labelled: ");
    said.clear();
    look(config("test", labelled("wrong"), "train.batch=15", "train.micro-batch=15"));
    assertThat(said)
        .last()
        .asString()
        .startsWith("data.test holds the images of data.train: the encoder is trained on what");
    said.clear();
    look(config("train", labelled("wrong")));
    assertThat(said).isEmpty();
  }

  @Test
  void aRunGoesOnWithTheSameOnesWhereverTheyLie() throws IOException {
    String[] quick = {"evaluate.linear.enabled=false", "evaluate.linear.sgd.enabled=false"};
    Path relative = Path.of("").toAbsolutePath().relativize(directory.resolve("wrong"));
    List<String> settings = new ArrayList<>(List.of(quick));
    settings.add("train.steps=1");
    settings.add("data.labelled=" + relative);
    train("run", config("train", settings.toArray(new String[0])));
    assertThat(directory.resolve("run/config.conf"))
        .content()
        .contains("labelled=\"" + directory.resolve("wrong") + "\"");

    List<String> changed = new ArrayList<>(List.of(quick));
    changed.add(labelled("test"));
    assertThatThrownBy(() -> train("run", config("train", changed.toArray(new String[0]))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(
            "data.labelled: the images must be those that the run was started with, 15 images of 3"
                + " classes, found 15 images of 3 classes in "
                + directory.resolve("test")
                + " (")
        .hasMessageContaining(
            "Bring them back, name the place that they have moved to with --set data.labelled=PATH,"
                + " or go on without evaluation: --set data.test=null.");

    Files.move(directory.resolve("wrong"), directory.resolve("moved"));
    List<String> moved = new ArrayList<>(List.of(quick));
    moved.add(labelled("moved"));
    assertThat(train("run", config("train", moved.toArray(new String[0]))))
        .containsEntry("steps", 2)
        .containsEntry("knn_accuracy", 0.0);
  }

  /** Keeps what is said. */
  record Lines(List<String> said) implements Progress {
    @Override
    public void started(long stepsDone, long stepsTotal) {}

    @Override
    public void step(
        long step, double epoch, double loss, double accuracy, double imagesPerSecond) {}

    @Override
    public void message(String line) {
      said.add(line);
    }

    @Override
    public void finished() {}
  }
}
