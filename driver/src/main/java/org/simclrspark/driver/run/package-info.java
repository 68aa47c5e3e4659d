/** The directory of a run, its lock, and the request to stop a run. */
package org.simclrspark.driver.run;
