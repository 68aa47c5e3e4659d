package org.simclrspark.driver.plan;

/** What a step waits for most, and what helps. */
public enum Bottleneck {
  COMPUTE(
      "encoder and views",
      "more executors or cores, up to train.shards tasks; a larger micro-batch; more"
          + " worker.activation-memory spares the second forward pass"),
  LOSS("the loss", "more executors: its work grows with the square of train.batch"),
  STORAGE("storage", "faster storage, data.cache, or prepare with smaller images"),
  NETWORK(
      "the network of the executors",
      "fewer shards: each sends a whole gradient; or a faster network"),
  DRIVER_NETWORK("the network of the driver", "a faster network for the driver; fewer parameters"),
  DRIVER("the driver", "a larger train.batch, so that there are fewer steps; a faster driver"),
  SCHEDULING("scheduling", "fewer shards, or a larger train.batch");

  private final String label;
  private final String remedy;

  Bottleneck(String label, String remedy) {
    this.label = label;
    this.remedy = remedy;
  }

  /** Its name for people. */
  public String label() {
    return label;
  }

  /** What to change. */
  public String remedy() {
    return remedy;
  }
}
