/** The order of images in an epoch, and the shuffle that brings them into it. */
package org.simclrspark.data.epoch;
