/** NT-Xent, the contrastive loss of SimCLR, and its exact gradient; no Spark and no I/O. */
package org.simclrspark.loss;
