/** One training step on Spark: shards, embed, gather, loss, backward, average. */
package org.simclrspark.driver.step;
