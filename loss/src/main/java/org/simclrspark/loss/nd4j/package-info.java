/** The loss in ND4J's operations, for CUDA. */
package org.simclrspark.loss.nd4j;
