/** Image sources, decoding, augmentation and the epoch plan; no neural network. */
package org.simclrspark.data;
