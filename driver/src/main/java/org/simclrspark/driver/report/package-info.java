/** What a run leaves for people and tools to read: metrics of every step and a summary. */
package org.simclrspark.driver.report;
