/** How Spark and Hadoop are set up: spark-submit's options, deploy modes, secrets, versions. */
package org.simclrspark.driver.cluster;
