package org.simclrspark.data.index;

/**
 * An image that a scan has met.
 *
 * @param entry where it lies
 * @param modified when its file changed last, in milliseconds, if it has a file to itself; else 0
 * @param bytes the image, if the scan was asked for bytes; else null
 */
public record FoundImage(IndexEntry entry, long modified, byte[] bytes) {}
