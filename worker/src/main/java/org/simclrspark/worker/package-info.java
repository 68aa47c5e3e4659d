/**
 * What runs inside an executor. {@link org.simclrspark.worker.ShardWorker} takes a shard forward
 * and backward on an engine that {@link org.simclrspark.worker.Engines} lends. The rooms, each of
 * which imports those before it alone: {@code network} (f and g), {@code shard}, {@code workspace}
 * and {@code machine}; {@code engine}, what an engine is; {@code onednn}, {@code libtorch} and
 * {@code nd4j}, the engines; then this one; {@code dl4j} and {@code bench}.
 */
package org.simclrspark.worker;
