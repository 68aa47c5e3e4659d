/** Figures of a running training in Spark's metrics system, and so in its sinks. */
package org.simclrspark.driver.metrics;
