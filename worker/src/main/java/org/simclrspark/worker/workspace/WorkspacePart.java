package org.simclrspark.worker.workspace;

/** A part of a workspace, in bytes. */
public record WorkspacePart(long offset, long bytes) {}
