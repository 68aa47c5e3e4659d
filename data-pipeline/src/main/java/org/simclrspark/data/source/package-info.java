/** Readers of image datasets, one file a format. */
package org.simclrspark.data.source;
