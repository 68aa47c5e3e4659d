/** The engine on ND4J's operations: for GPUs. */
package org.simclrspark.worker.nd4j;
