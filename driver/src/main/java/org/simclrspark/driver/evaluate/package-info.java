/** What the encoder has learned: nearest neighbours, a linear probe, and baselines beside them. */
package org.simclrspark.driver.evaluate;
