/** Encoders as Deeplearning4j computation graphs: for checkpoints and for features on Spark. */
package org.simclrspark.worker.dl4j;
