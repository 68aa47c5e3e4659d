/** Checkpoints: the state of a training, committed by a manifest that is written last. */
package org.simclrspark.driver.checkpoint;
