package org.simclrspark.worker.workspace;

/** A part of a workspace, in bytes. */
public record Part(long offset, long bytes) {}
