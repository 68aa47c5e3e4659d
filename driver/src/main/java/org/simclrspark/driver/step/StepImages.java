package org.simclrspark.driver.step;

import java.util.List;
import org.simclrspark.worker.shard.DamagedImage;
import org.simclrspark.worker.shard.EmbeddedShard;

/**
 * What became of the images of a step.
 *
 * @param skipped images that left the step: the damaged ones, and one that its shard has left alone
 *     where micro-batches are larger
 * @param damaged images that could not be decoded, by shard and slot
 * @param repaired images in which something had to be overlooked, likewise
 */
public record StepImages(int skipped, List<DamagedImage> damaged, List<DamagedImage> repaired) {

  static StepImages of(List<EmbeddedShard> embedded, int batch) {
    return new StepImages(
        batch - embedded.stream().mapToInt(EmbeddedShard::images).sum(),
        embedded.stream().flatMap(shard -> shard.damaged().stream()).toList(),
        embedded.stream().flatMap(shard -> shard.repaired().stream()).toList());
  }
}
