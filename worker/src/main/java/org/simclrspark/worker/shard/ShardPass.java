package org.simclrspark.worker.shard;

import java.util.UUID;

/**
 * Which forward pass this is, so that its backward pass finds what the engine has kept of it.
 *
 * @param step which run of which step
 * @param shard of the step
 * @param memory bytes of activations that the engine may keep between forward and backward
 */
public record ShardPass(UUID step, int shard, long memory) {}
