package org.simclrspark.driver.config;

/**
 * The bounds of a range that numbers are drawn from.
 *
 * @param low smallest number
 * @param high largest number
 */
public record Interval(double low, double high) {}
