package org.simclrspark.driver.config;

import java.util.List;

/**
 * Says what is wrong with a configuration, one line a mistake: where it is, the key, what is
 * allowed, the value found and the remedy. The application exits with status 2.
 */
public final class ConfigurationException extends RuntimeException {

  private final List<String> problems;

  public ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  public ConfigurationException(String problem) {
    this(List.of(problem));
  }

  /** One line a mistake. */
  public List<String> problems() {
    return problems;
  }
}
