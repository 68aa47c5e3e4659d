package org.simclrspark.driver.config;

/**
 * A key of a configuration as people are shown it.
 *
 * @param key without {@code simclr.} in front
 * @param value as HOCON writes it, with secrets masked
 * @param defaultValue likewise
 * @param differs whether the value is not the default, however the two are written
 * @param meaning the comment of the key in {@code reference.conf}
 */
public record Setting(
    String key, String value, String defaultValue, boolean differs, String meaning) {}
