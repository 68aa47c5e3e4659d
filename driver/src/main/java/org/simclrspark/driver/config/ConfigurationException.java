package org.simclrspark.driver.config;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Says what is wrong with a configuration, one line a mistake: where it is, the key, what is
 * allowed, the value found and the remedy. The application exits with status 2.
 */
public final class ConfigurationException extends RuntimeException {

  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

  private final List<String> problems;

  public ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), lines(problems)));
    this.problems = lines(problems);
  }

  public ConfigurationException(String problem) {
    this(List.of(problem));
  }

  /** A value that was found may hold anything, line feeds and commands to a terminal included. */
  private static List<String> lines(List<String> problems) {
    return problems.stream().map(problem -> CONTROL.matcher(problem).replaceAll("\uFFFD")).toList();
  }

  /** One line a mistake. */
  public List<String> problems() {
    return problems;
  }
}
