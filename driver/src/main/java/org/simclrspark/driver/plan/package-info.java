/** What a run will cost on a cluster: time, traffic and memory, from a model of the step. */
package org.simclrspark.driver.plan;
