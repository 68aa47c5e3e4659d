/** Which part of an engine's workspace holds which activation or gradient, and for how long. */
package org.simclrspark.worker.workspace;
