/** The order of images in an epoch. */
package org.simclrspark.data.epoch;
