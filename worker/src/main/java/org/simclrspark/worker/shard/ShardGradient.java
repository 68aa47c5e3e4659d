package org.simclrspark.worker.shard;

import org.simclrspark.worker.network.NormStatistics;
import org.simclrspark.worker.network.ParameterLayout;

/**
 * What a shard's backward pass ends with.
 *
 * @param gradient of the parameters times the number of shards, in the layout of {@link
 *     ParameterLayout}
 * @param statistics batch-norm statistics of all views of the shard, in the layout of {@link
 *     NormStatistics}; zeros without images
 */
public record ShardGradient(float[] gradient, float[] statistics) {}
