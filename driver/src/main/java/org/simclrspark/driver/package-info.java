/** The application: command line, configuration, the step, optimizers, checkpoints, evaluation. */
package org.simclrspark.driver;
