/** Turns any image dataset into Parquet that is fast to read. */
package org.simclrspark.data.prepare;
