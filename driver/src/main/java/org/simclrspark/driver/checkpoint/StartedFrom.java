package org.simclrspark.driver.checkpoint;

/**
 * The run whose encoder another run started from.
 *
 * @param run its directory
 * @param step steps it had done
 * @param parametersSha256 of its little-endian parameters
 */
public record StartedFrom(String run, long step, String parametersSha256) {}
