/** Turns stored images into pixels. */
package org.simclrspark.data.decode;
