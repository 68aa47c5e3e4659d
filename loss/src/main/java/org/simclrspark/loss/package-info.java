/**
 * NT-Xent, the contrastive loss of SimCLR, and its exact gradient; no Spark and no I/O. {@link
 * org.simclrspark.loss.ContrastiveLoss} says what is computed, {@link org.simclrspark.loss.NtXent}
 * runs it in tiles: {@link org.simclrspark.loss.Embeddings} normalise z and pair the rows, {@link
 * org.simclrspark.loss.TemperatureScale} divides by the temperature, {@link
 * org.simclrspark.loss.RowSums} end in l(k). {@code reference} has the same formulas in double
 * precision, one below the other.
 *
 * <p>The rooms {@code vector} and {@code threads} are below this one, the others above it.
 */
package org.simclrspark.loss;
