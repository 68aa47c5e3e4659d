package org.simclrspark.driver.cli;

import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * What the launcher runs before the command itself, in a small JVM: it checks the command line and
 * the configuration, shows help, and prints the threads of the native libraries, which read {@code
 * OMP_NUM_THREADS} when they are loaded.
 */
public final class Launch {

  /** Exit status after help was shown: there is nothing more to run. */
  static final int SHOWN = 100;

  private Launch() {}

  public static void main(String[] arguments) {
    System.exit(check(arguments));
  }

  static int check(String[] arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setExecutionStrategy(Launch::prepare);
    return commandLine.execute(arguments);
  }

  private static int prepare(ParseResult result) {
    if (CommandLine.printHelpIfRequested(result)) {
      return SHOWN;
    }
    ParseResult last = result;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    Object command = last.commandSpec().userObject();
    if (command instanceof NativeThreads threads) {
      try {
        System.out.println(threads.nativeThreads());
        return ExitStatus.DONE;
      } catch (RuntimeException e) {
        return Main.report(e, result, last.commandSpec().commandLine());
      }
    }
    return new CommandLine.RunLast().execute(result);
  }
}
