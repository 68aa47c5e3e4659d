/** Sweeps: many ordinary runs over a grid of configurations, compared at the end. */
package org.simclrspark.driver.sweep;
