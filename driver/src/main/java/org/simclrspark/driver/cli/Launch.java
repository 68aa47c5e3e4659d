package org.simclrspark.driver.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.simclrspark.driver.cluster.DriverMemory;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.cluster.LoginUser;
import org.simclrspark.driver.cluster.SparkRelease;
import org.simclrspark.driver.cluster.SubmitOptions;
import org.simclrspark.driver.config.Secrets;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.worker.machine.Isa;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * What the launcher runs before the command itself, in a small JVM: it checks the command line and
 * the configuration, shows help, and tells the launcher what to start, a line each:
 *
 * <ul>
 *   <li>{@code simclr.jars}, {@code simclr.driver-java-options}, {@code simclr.driver-class-path}:
 *       what spark-submit is given of these, to be joined with the launcher's own
 *   <li>{@code simclr.threads=N}: of the native libraries, which read {@code OMP_NUM_THREADS} when
 *       they are loaded
 *   <li>{@code simclr.deploy-mode=client|cluster}
 *   <li>{@code simclr.environment=KEY=VALUE} and {@code simclr.java-option=OPTION}: what the
 *       process must be started with for {@code worker.isa}
 *   <li>{@code simclr.driver-memory=4g}, where nothing else sets it and Spark's own 1g is too
 *       little
 *   <li>{@code simclr.configuration=data:...}: the configuration file, for a driver that runs
 *       elsewhere
 * </ul>
 *
 * <p>Arguments behind {@code --} are those for spark-submit.
 */
public final class Launch {

  /** Exit status after help was shown: there is nothing more to run. */
  static final int SHOWN = 100;

  /**
   * Exit status where a configuration lies on a file system that takes the libraries and settings
   * of spark-submit: this check has to run again, through spark-submit.
   */
  static final int SPARK_NEEDED = 101;

  /** Set for the small JVM that has the jars of Spark but nothing that spark-submit adds. */
  private static final String BARE = "simclr.launch.bare";

  private Launch() {}

  /** Says that this JVM cannot read a file that a command needs. */
  static final class SparkNeededException extends RuntimeException {

    private static final long serialVersionUID = 1;

    SparkNeededException() {
      super("The file takes libraries that spark-submit brings");
    }
  }

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    LoginUser.ensure();
    List<String> all = Arrays.asList(arguments);
    int end = all.indexOf("--");
    List<String> own = end < 0 ? all : all.subList(0, end);
    List<String> submit = end < 0 ? List.of() : all.subList(end + 1, all.size());
    System.exit(check(own, submit));
  }

  /** Whether this is the small JVM beside a Spark distribution. */
  static boolean isBare() {
    return Boolean.getBoolean(BARE);
  }

  static int check(List<String> own, List<String> submit) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setExecutionStrategy(result -> prepare(result, submit));
    return commandLine.execute(own.toArray(new String[0]));
  }

  /**
   * Checks a command line and the configuration it names, without starting anything.
   *
   * @param own the arguments in front of {@code --}
   * @param said takes what a person would read
   * @return the exit status: 0 for what can run, 2 for a mistake
   */
  public static int check(List<String> own, PrintWriter said) {
    CommandLine commandLine = Main.commandLine().setOut(said).setErr(said);
    commandLine.setExecutionStrategy(
        result -> {
          if (CommandLine.printHelpIfRequested(result)) {
            return ExitStatus.DONE;
          }
          ParseResult last = innermost(result);
          try {
            if (last.commandSpec().userObject() instanceof NativeThreads command) {
              command.nativeThreads();
            }
            return ExitStatus.DONE;
          } catch (RuntimeException e) {
            return Main.report(e, result, last.commandSpec().commandLine());
          }
        });
    return commandLine.execute(own.toArray(new String[0]));
  }

  private static int prepare(ParseResult result, List<String> submit) {
    if (CommandLine.printHelpIfRequested(result)) {
      return SHOWN;
    }
    ParseResult last = innermost(result);
    try {
      if (!(last.commandSpec().userObject() instanceof NativeThreads command)) {
        return new CommandLine.RunLast().execute(result);
      }
      tell(command, submit);
      return ExitStatus.DONE;
    } catch (SparkNeededException e) {
      return SPARK_NEEDED;
    } catch (RuntimeException e) {
      return Main.report(e, result, last.commandSpec().commandLine());
    }
  }

  /** The part of a command line that names the command to run. */
  private static ParseResult innermost(ParseResult result) {
    ParseResult last = result;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last;
  }

  private static void tell(NativeThreads command, List<String> submit) {
    Secrets.exposed(submit)
        .forEach(
            name ->
                System.err.println(
                    "simclr: Warning: "
                        + name
                        + " on the command line can be read by every user of this machine. "
                        + Secrets.REMEDY));
    boolean distribution = System.getenv("SPARK_HOME") != null;
    boolean cluster = false;
    boolean memoryIsSet = true;
    if (distribution) {
      SparkRelease.require();
    }
    if (distribution || !submit.isEmpty()) {
      SubmitOptions options = SubmitOptions.parse(submit);
      options.properties().forEach(Launch::setDefault);
      cluster = options.isClusterMode();
      memoryIsSet = !distribution || options.driverMemory().isPresent();
      printIfAny("jars", options.jars());
      printIfAny("driver-java-options", options.driverJavaOptions());
      printIfAny("driver-class-path", options.driverClassPath());
    }
    print("threads", command.nativeThreads());
    print("deploy-mode", cluster ? "cluster" : "client");
    if (command instanceof ConfiguredCommand configured) {
      Optional<SimclrConfig> config = configured.launchedConfiguration();
      if (config.isPresent()) {
        tell(configured, config.get(), memoryIsSet, cluster);
      }
    }
  }

  private static void tell(
      ConfiguredCommand command, SimclrConfig config, boolean memoryIsSet, boolean cluster) {
    Isa isa = config.worker().isa();
    isa.environment().forEach((key, value) -> print("environment", key + "=" + value));
    isa.javaOptions().forEach(option -> print("java-option", option));
    if (!memoryIsSet) {
      print("driver-memory", DriverMemory.option(config, command.runsAtOnce()));
    }
    if (cluster) {
      command.requireCluster(HadoopSettings.current());
      if (command.options().isConfigurationLocal(HadoopSettings.current())) {
        print("configuration", command.options().inlineFile().uri());
      }
    }
  }

  private static void setDefault(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  private static void printIfAny(String name, String value) {
    if (!value.isEmpty()) {
      print(name, value);
    }
  }

  private static void print(String name, Object value) {
    System.out.println("simclr." + name + "=" + value);
  }
}
