/** The encoder on libtorch: GPUs of compute capability 7.5 and more, and CPUs. */
package org.simclrspark.worker.libtorch;
