package org.simclrspark.worker.shard;

import java.io.Serializable;
import java.util.List;

/**
 * What a shard's forward pass sends to the driver.
 *
 * @param images that took part, of K/S
 * @param embeddings z of the shard's rows, [2 images, d], row-major
 * @param damaged images that could not be decoded, in the order of their slots
 * @param repaired images in which something had to be overlooked, likewise
 */
public record EmbeddedShard(
    int images, RawFloats embeddings, List<DamagedImage> damaged, List<DamagedImage> repaired)
    implements Serializable {}
