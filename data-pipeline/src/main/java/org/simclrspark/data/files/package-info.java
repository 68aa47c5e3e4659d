/** Listing and opening the files of a dataset, on the local disk and on Hadoop's file systems. */
package org.simclrspark.data.files;
