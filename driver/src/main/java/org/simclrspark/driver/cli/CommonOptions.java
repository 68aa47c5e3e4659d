package org.simclrspark.driver.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options that every command has. */
@Command
public final class CommonOptions {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--debug", description = "Show stack traces and the log of Spark.")
  private boolean debug;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Where Spark runs: local[N], spark://HOST:PORT, yarn, k8s://URL. Default: what"
              + " spark-submit says, or this machine.")
  private String master;

  /** The option {@code --master}, or null. */
  public String master() {
    return master;
  }

  boolean help() {
    return help;
  }

  boolean debug() {
    return debug;
  }
}
