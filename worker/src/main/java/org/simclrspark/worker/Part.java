package org.simclrspark.worker;

/** A part of a workspace, in bytes. */
public record Part(long offset, long bytes) {}
