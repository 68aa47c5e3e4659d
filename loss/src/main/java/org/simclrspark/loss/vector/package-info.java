/** Loops over vectors, in the JDK's vector API, and what there is to know about it. */
package org.simclrspark.loss.vector;
