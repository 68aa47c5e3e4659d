/**
 * The one door to dl4j-spark, which exists for Spark 3 and Scala 2.12 alone: a build for another
 * Spark replaces this package.
 */
package org.simclrspark.driver.dl4j;
