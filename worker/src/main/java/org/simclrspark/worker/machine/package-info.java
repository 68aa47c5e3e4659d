/** The machine of a process: its processor, GPUs, memory and native libraries. */
package org.simclrspark.worker.machine;
