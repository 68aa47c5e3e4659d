/** The command line: commands, options, exit statuses, and how Spark is started. */
package org.simclrspark.driver.cli;
