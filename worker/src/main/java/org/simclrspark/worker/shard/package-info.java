/** A shard: how it is split into micro-batches, its views, and what becomes of them. */
package org.simclrspark.worker.shard;
