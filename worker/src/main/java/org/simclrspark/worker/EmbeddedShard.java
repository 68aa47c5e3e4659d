package org.simclrspark.worker;

import java.io.Serializable;

/**
 * What a shard's forward pass sends to the driver.
 *
 * @param embeddings z of the shard's rows, [2K/S, d], row-major
 * @param statistics batch-norm statistics, the mean over the shard's micro-batches
 */
public record EmbeddedShard(RawFloats embeddings, RawFloats statistics) implements Serializable {}
