/** Measures the data pipeline. */
package org.simclrspark.data.bench;
