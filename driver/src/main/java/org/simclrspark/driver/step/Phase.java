package org.simclrspark.driver.step;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The parts of a step, in their order; the update of the parameters before reaches all first. */
public enum Phase {
  /** The optimizer moves the shared parameters, and they are broadcast. */
  UPDATE,
  /** The images of the step are read, and their views made. */
  SHARDS,
  /** Each shard encodes its views; its embeddings go to the driver. */
  EMBED,
  /** The driver puts Z together and broadcasts it. */
  GATHER,
  /** Each shard computes the log-normalisers of its rows. */
  LOSS,
  /** Each shard takes dL/dz of its rows through the encoder. */
  BACKWARD,
  /** The shards' gradients are averaged; the mean goes to the driver. */
  AVERAGE;

  /** The name in metrics, logs and job descriptions. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The same values under the phases' names. */
  public static <T> Map<String, T> byLabel(Map<Phase, T> values) {
    Map<String, T> byLabel = new LinkedHashMap<>();
    values.forEach((phase, value) -> byLabel.put(phase.label(), value));
    return byLabel;
  }
}
