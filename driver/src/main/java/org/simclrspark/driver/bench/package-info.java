/** Benchmarks of the parts: the sub-commands of {@code simclr bench}. */
package org.simclrspark.driver.bench;
