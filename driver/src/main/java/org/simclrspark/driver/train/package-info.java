/** The training loop: steps, the outer optimizer, checkpoints, metrics, evaluation. */
package org.simclrspark.driver.train;
