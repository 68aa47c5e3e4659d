/** What runs inside an executor: encoder engines, micro-batching, a shard's embed and backward. */
package org.simclrspark.worker;
