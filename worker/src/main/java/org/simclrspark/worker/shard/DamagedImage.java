package org.simclrspark.worker.shard;

import java.io.Serializable;

/**
 * An image whose file is not as it should be.
 *
 * @param name where it is
 * @param reason in one line
 */
public record DamagedImage(String name, String reason) implements Serializable {}
