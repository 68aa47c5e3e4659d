package org.simclrspark.driver.overview;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.storage.Storage;

/** Run directories as trainings leave them, without the hours. */
final class TestRuns {

  /** What a user may call things. */
  static final String HOSTILE = "</script><img src=x onerror=alert(1)>\u2028<!-- \"'&";

  private static final String PIXEL =
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
          + "WjR9awAAAABJRU5ErkJggg==";

  private TestRuns() {}

  /** Writes a run of CIFAR-10 with so many steps of 50 an epoch. */
  static void write(Path run, Configuration hadoop, int steps, double temperature, Phase phase) {
    Storage storage = Storage.of(run, hadoop, line -> {});
    StringBuilder metrics = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      metrics.append(Json.line(line(step, steps))).append('\n');
    }
    write(storage, run, "metrics.jsonl", metrics.toString());
    write(
        storage,
        run,
        "config.conf",
        "simclr { data { train = "
            + quoted("/data/" + HOSTILE)
            + ", test = t }, augment.preset = cifar, encoder { depth = 18, stem = small },"
            + " train { batch = 512, shards = 4, micro-batch = 64, epochs = 30 },"
            + " loss.temperature = "
            + temperature
            + " }");
    Map<String, Long> classes = new LinkedHashMap<>();
    for (String name :
        "airplane automobile bird cat deer dog frog horse ship truck".split(" ", -1)) {
      classes.put(name, 5000L);
    }
    Map<String, Object> images = new LinkedHashMap<>();
    images.put("path", "/data");
    images.put("count", 50000);
    images.put("fingerprint", "f");
    images.put("classes", classes);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("train", images);
    data.put("test", images);
    write(storage, run, "data.json", Json.line(data));
    new RunStatus(
            phase,
            Instant.now(),
            3000,
            50,
            0.5,
            phase == Phase.FAILED ? "The disk is full: " + HOSTILE : null)
        .write(storage, run);
    write(
        storage,
        run,
        String.format(java.util.Locale.ROOT, "checkpoints/step-%08d/manifest.json", steps),
        "{}");
    if (phase == Phase.FINISHED) {
      Summary.empty()
          .with(Summary.STEPS, steps)
          .with(Summary.KNN_ACCURACY, 0.612)
          .with(Summary.LINEAR_ACCURACY, 0.655)
          .with(Summary.KNN_ACCURACY_RANDOM_ENCODER, 0.339)
          .with(Summary.KNN_ACCURACY_RAW_PIXELS, 0.354)
          .with(Summary.DATA_FINGERPRINT, "f")
          .write(run, hadoop);
    }
    Map<String, Object> picture =
        Map.of("name", HOSTILE, "label", "cat", "whole", PIXEL, "views", List.of(PIXEL, PIXEL));
    write(
        storage,
        run,
        RunPictures.VIEWS,
        Json.line(Map.of("size", 32, "images", List.of(picture, picture))));
    Map<String, Object> near =
        Map.of("name", "n", "label", "dog", "image", PIXEL, "similarity", 0.987);
    write(
        storage,
        run,
        RunPictures.NEIGHBOURS,
        Json.line(
            Map.of(
                "step",
                steps,
                "size",
                32,
                "queries",
                List.of(
                    Map.of(
                        "name",
                        "q",
                        "label",
                        HOSTILE,
                        "image",
                        PIXEL,
                        "neighbours",
                        List.of(near, near))))));
  }

  private static Map<String, Object> line(int step, int steps) {
    double done = (double) step / steps;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("epoch", (step - 1) / 50);
    line.put("time", 1.764e9 + 2 * step);
    line.put("loss", 9.2 - 4 * done);
    line.put("contrastive_accuracy", 0.7 * done);
    line.put("contrastive_entropy", 6 - done);
    line.put("embedding_std", 0.085);
    line.put("effective_rank", 90 + 20 * done);
    line.put("collapsed", false);
    line.put("learning_rate", 0.6 * (1 - done));
    line.put("images_per_second", 370.0 + step % 5);
    line.put("images_skipped", step % 50 == 17 ? 2 : 0);
    line.put("executors_lost", step == steps / 3 ? 1 : 0);
    if (step == steps / 2) {
      line.put("resumed", true);
    }
    if (step % 50 == 0) {
      line.put("knn_accuracy", 0.3 + 0.3 * done);
      line.put(
          "spectrum", IntStream.range(0, 128).mapToObj(i -> 0.02 * Math.exp(-i / 30.0)).toList());
    }
    line.put("seconds", Map.of("embed", 0.5, "loss", 0.1, "backward", 0.9, "average", 0.1));
    line.put("bytes", Map.of("embed", 1 << 20, "average", 44_000_000));
    line.put("memory", Map.of("driver_heap", 400_000_000L, "executor_resident", 2_900_000_000L));
    return line;
  }

  private static void write(Storage storage, Path run, String name, String text) {
    storage.write(new Path(run, name), out -> out.write(text.getBytes(UTF_8)));
  }

  private static String quoted(String text) {
    return Json.line(Map.of("text", text)).replaceFirst("^\\{\"text\":", "").replaceFirst("}$", "");
  }
}
