/** What the embeddings of a batch tell about a training: spread and effective rank. */
package org.simclrspark.loss.statistics;
