package org.simclrspark.worker;

import java.io.Serializable;

/**
 * An image that left its step because it cannot be decoded.
 *
 * @param name where it is
 * @param reason in one line
 */
public record DamagedImage(String name, String reason) implements Serializable {}
