package org.simclrspark.driver.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.TinyTraining;
import org.simclrspark.driver.config.ConfigFiles;

/** Makes sweeps of tiny runs on real images and a real Spark. */
abstract class TinySweeps {

  static final Sweep.Options ONE_BY_ONE = new Sweep.Options(1, 1, false, false);

  @TempDir Path directory;
  final List<String> said = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void images() throws IOException {
    TinyTraining.split(directory, 32, 32);
  }

  Grid grid(List<String> settings, String... axes) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.train=" + directory + "/train.bin",
                "data.test=" + directory + "/test.bin",
                "data.format=cifar10",
                "augment.preset=cifar",
                "encoder.depth=18",
                "encoder.width=0.125",
                "encoder.stem=small",
                "projection.hidden=32",
                "projection.dim=16",
                "train.batch=16",
                "train.shards=2",
                "train.micro-batch=8",
                "train.epochs=2",
                "optimizer.name=sgd",
                "optimizer.learning-rate=0.1",
                "optimizer.warmup-epochs=0",
                "worker.threads=1",
                "evaluate.knn.k=5",
                "evaluate.linear.iterations=3"));
    all.addAll(settings);
    return Grid.of(ConfigFiles.empty(), all, List.of(axes), 1);
  }

  SweepDirectory sweep(String name) {
    return new SweepDirectory(path(name), new Configuration(), said::add);
  }

  org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(directory.resolve(name).toUri());
  }

  int run(String name, Grid grid, Sweep.Options options) {
    return Sweep.run(LocalSpark.context(), grid, options, sweep(name), said::add);
  }

  String text(String file) throws IOException {
    return Files.readString(directory.resolve(file), UTF_8);
  }

  JsonNode points(String name) throws IOException {
    return new ObjectMapper().readTree(text(name + "/sweep.json")).get("points");
  }

  List<String> states(String name) throws IOException {
    List<String> states = new ArrayList<>();
    points(name).forEach(point -> states.add(point.get("state").asText()));
    return states;
  }
}
