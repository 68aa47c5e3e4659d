package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.report.Summary;

/** An evaluation of larger images than views. */
class EvaluationSizeTest {

  private static final List<String> ACCURACIES =
      List.of("knn_accuracy", "knn_accuracy_raw_pixels", "knn_accuracy_random_encoder");

  @TempDir Path directory;

  @Test
  void isWhatAnEncoderForImagesOfThisSizeHas() {
    Map<String, Object> smaller = train("smaller");
    Map<String, Object> larger = train("larger", "augment.evaluation-size=28");

    assertThat(larger.get("parameters_sha256")).isEqualTo(smaller.get("parameters_sha256"));
    assertThat(ACCURACIES)
        .allSatisfy(name -> assertThat(larger.get(name)).isNotEqualTo(smaller.get(name)));

    Judging.run(
        LocalSpark.context(),
        config("augment.size=28"),
        path("smaller"),
        new LabelledImagesTest.Lines(new ArrayList<>()));
    Map<String, Object> judged = summary("smaller");
    assertThat(ACCURACIES)
        .allSatisfy(name -> assertThat(judged.get(name)).isEqualTo(larger.get(name)));
  }

  private Map<String, Object> train(String run, String... more) {
    Pretraining.run(
        LocalSpark.context(),
        config(more),
        path(run),
        new LabelledImagesTest.Lines(new ArrayList<>()));
    return summary(run);
  }

  private Map<String, Object> summary(String run) {
    return Summary.read(path(run), new Configuration()).orElseThrow().values();
  }

  private org.apache.hadoop.fs.Path path(String run) {
    return new org.apache.hadoop.fs.Path(directory.resolve(run).toUri());
  }

  /** One step on real images, of which classes are hard to tell apart. */
  private static SimclrConfig config(String... more) {
    Path sample = Path.of(System.getenv("SIMCLR_HOME"), "data-pipeline/sample/cifar10");
    List<String> settings =
        new ArrayList<>(
            List.of(
                "data.train=" + sample.resolve("test_batch.bin"),
                "data.labelled=" + sample.resolve("test_batch.bin"),
                "data.test=" + sample.resolve("data_batch_2.bin"),
                "augment.preset=torchvision",
                "augment.size=16",
                "encoder.depth=18",
                "encoder.width=0.125",
                "encoder.stem=small",
                "projection.hidden=8",
                "projection.dim=8",
                "train.batch=16",
                "train.shards=1",
                "train.micro-batch=16",
                "train.steps=1",
                "optimizer.warmup-epochs=0",
                "evaluate.linear.enabled=false",
                "report.html=false",
                "worker.threads=2"));
    settings.addAll(List.of(more));
    return SimclrConfig.of(settings.toArray(new String[0]));
  }
}
