/** Benchmarks of what runs inside an executor. */
package org.simclrspark.worker.bench;
