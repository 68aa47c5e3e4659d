/** The engine for CPUs, on oneDNN. */
package org.simclrspark.worker.onednn;
