package org.simclrspark.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A run directory on the local disk, as a user reads it. */
record Run(Path directory) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** SHA-256 of the final parameters. */
  String hash() throws IOException {
    return summary().get("parameters_sha256").asText();
  }

  JsonNode summary() throws IOException {
    return MAPPER.readTree(directory.resolve("summary.json").toFile());
  }

  /** The steps whose lines are in the metrics. */
  List<Integer> steps() throws IOException {
    Path metrics = directory.resolve("metrics.jsonl");
    if (!Files.exists(metrics)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(metrics)) {
      return lines.filter(line -> line.endsWith("}")).map(Run::step).toList();
    }
  }

  private static int step(String line) {
    try {
      return MAPPER.readTree(line).get("step").asInt();
    } catch (IOException e) {
      throw new IllegalStateException(line, e);
    }
  }

  /** Whether a checkpoint is complete. */
  boolean hasCheckpoint() throws IOException {
    Path checkpoints = directory.resolve("checkpoints");
    if (!Files.exists(checkpoints)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files.anyMatch(file -> file.endsWith("manifest.json"));
    }
  }
}
