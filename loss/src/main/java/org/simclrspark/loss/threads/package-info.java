/** Threads that share the work of one call. */
package org.simclrspark.loss.threads;
