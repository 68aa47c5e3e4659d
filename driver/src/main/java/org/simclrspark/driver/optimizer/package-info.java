/** Outer optimizers and learning-rate schedules, on the driver. */
package org.simclrspark.driver.optimizer;
