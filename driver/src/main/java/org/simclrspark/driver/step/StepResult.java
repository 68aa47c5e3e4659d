package org.simclrspark.driver.step;

import java.util.List;
import java.util.Map;
import org.simclrspark.loss.EmbeddingStatistics;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.worker.DamagedImage;

/**
 * What a step found out.
 *
 * @param gradient of L with respect to the shared parameters, exact over the global batch
 * @param statistics batch-norm statistics, the mean over all micro-batches
 * @param loss of all N rows: L, contrastive accuracy and entropy
 * @param embeddings spread of the embeddings, which shows collapse
 * @param imagesSkipped images that left the step: the damaged ones, and one that its shard has left
 *     alone where micro-batches are larger
 * @param damaged images that could not be decoded, by shard and slot
 * @param repaired images in which something had to be overlooked, likewise
 * @param seconds by phase: update, shards, embed, gather, loss, backward, average
 * @param bytes moved, by phase: written to a shuffle, sent to the driver, or broadcast
 * @param memory bytes that the driver and its executors use, see {@link ClusterMemory#bytes}
 */
public record StepResult(
    float[] gradient,
    float[] statistics,
    RowStatistics loss,
    EmbeddingStatistics embeddings,
    int imagesSkipped,
    List<DamagedImage> damaged,
    List<DamagedImage> repaired,
    Map<String, Double> seconds,
    Map<String, Long> bytes,
    Map<String, Long> memory) {}
