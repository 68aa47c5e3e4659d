/** The command {@code doctor}: looks whether a cluster can run a configuration. */
package org.simclrspark.driver.doctor;
