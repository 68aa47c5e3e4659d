/** The random views of an image: draws, crop, colour, blur. */
package org.simclrspark.data.augment;
