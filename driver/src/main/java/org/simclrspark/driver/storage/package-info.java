/** Files on any Hadoop file system, with bounded retries of errors that pass. */
package org.simclrspark.driver.storage;
