/**
 * The configuration: one record a section of {@code simclr { }}, read from Typesafe Config, with
 * every mistake reported at once.
 */
package org.simclrspark.driver.config;
