package org.simclrspark.driver.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.commons.io.output.TeeWriter;
import org.simclrspark.driver.cluster.DeployMode;
import org.simclrspark.driver.cluster.LoginUser;
import org.simclrspark.driver.cluster.PropertiesFile;
import org.simclrspark.driver.cluster.SupervisedDriver;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;
import org.simclrspark.driver.report.FailureWords;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit status: 0; 2 for a wrong command line or configuration; 3 for data that
 * cannot be read; 75 where another driver has the run; 1 for the rest.
 */
@Command(
    name = "simclr",
    description = "Pretrains image encoders with SimCLR on Apache Spark.",
    footer = {"", "simclr COMMAND --help shows a command's options."})
public final class Main implements Callable<Integer> {

  @Spec private CommandSpec spec;

  private Main() {}

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    Terminal.restoreStandardError();
    LoginUser.ensure();
    PropertiesFile.apply();
    StringWriter said = new StringWriter();
    CommandLine commandLine = commandLine();
    commandLine.setErr(new PrintWriter(new TeeWriter(commandLine.getErr(), said), true));
    end(commandLine.execute(arguments), said.toString());
  }

  /**
   * Ends the process with a status. YARN's application master takes any exit for a failure, so
   * there {@code main} returns, or throws what was said; a master that supervises the driver would
   * start one again that ends with a user's mistake.
   */
  private static void end(int status, String said) {
    boolean isMistake = status == ExitStatus.WRONG_USE || status == ExitStatus.UNREADABLE_DATA;
    if (isMistake && SupervisedDriver.isHere()) {
      SupervisedDriver.giveUp();
    }
    if (!DeployMode.isApplicationMaster()) {
      System.exit(status);
    }
    if (status != ExitStatus.DONE) {
      throw new CommandFailedException(status, said);
    }
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is needed: pretrain, evaluate, sweep, prepare, views, runs, report, doctor, plan"
            + " or bench");
  }

  /** All commands; for programs that run some in their own JVM. */
  public static CommandLine commandLine() {
    CommandLine commandLine =
        new CommandLine(new Main())
            .addMixin("common", new CommonOptions())
            .addSubcommand(new PretrainCommand())
            .addSubcommand(new EvaluateCommand())
            .addSubcommand(new SweepCommand())
            .addSubcommand(new PrepareCommand())
            .addSubcommand(new ViewsCommand())
            .addSubcommand(new DoctorCommand())
            .addSubcommand(new PlanCommand())
            .addSubcommand(
                new CommandLine(new RunsCommand()).addMixin("common", new CommonOptions()))
            .addSubcommand(
                new CommandLine(new ReportCommand()).addMixin("common", new CommonOptions()))
            .addSubcommand(
                new CommandLine(new BenchCommand()).addMixin("common", new CommonOptions()));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpWidth(100);
    commandLine.setParameterExceptionHandler(
        (failure, arguments) -> report(failure, isDebug(arguments), failure.getCommandLine()));
    commandLine.setExecutionStrategy(Main::runLast);
    commandLine.setExecutionExceptionHandler(
        (failure, command, result) -> report(failure, result, command));
    return commandLine;
  }

  /** Runs the command; errors such as too little memory are told like exceptions. */
  private static int runLast(ParseResult result) {
    try {
      return new CommandLine.RunLast().execute(result);
    } catch (Error e) {
      throw new ExecutionException(result.commandSpec().commandLine(), e.toString(), e);
    }
  }

  static int report(Throwable failure, ParseResult result, CommandLine command) {
    return report(failure, isDebug(result.originalArgs().toArray(new String[0])), command);
  }

  private static boolean isDebug(String[] arguments) {
    return Arrays.asList(arguments).contains("--debug");
  }

  /** Tells what went wrong, in a line a mistake. */
  private static int report(Throwable failure, boolean debug, CommandLine command) {
    PrintWriter err = command.getErr();
    Throwable cause = ExitStatus.cause(failure);
    if (debug) {
      failure.printStackTrace(err);
    }
    if (cause instanceof ConfigurationException configuration) {
      configuration
          .problems()
          .forEach(problem -> err.println("simclr: " + Secrets.redact(problem)));
    } else if (cause instanceof ParameterException) {
      err.println("simclr: " + Secrets.redact(firstLine(cause.getMessage())));
      err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    } else {
      err.println(
          "simclr: "
              + Secrets.redact(
                  ExitStatus.of(cause) == ExitStatus.FAILED
                      ? FailureWords.of(failure)
                      : cause.getMessage()));
      if (!debug && ExitStatus.of(cause) == ExitStatus.FAILED && !FailureWords.isKnown(failure)) {
        err.println("The same command with --debug shows where and why.");
      }
    }
    err.flush();
    return ExitStatus.of(cause);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
