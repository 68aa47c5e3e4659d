package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.run.RunInUseException;
import picocli.CommandLine;

class MainTest {

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private CommandLine commandLine() {
    return Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
  }

  private int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  private int report(Throwable failure) {
    CommandLine commandLine = commandLine();
    return Main.report(failure, commandLine.parseArgs("bench"), commandLine);
  }

  @Test
  void helpIsEverywhere() {
    for (String command : new String[] {"pretrain", "evaluate", "bench"}) {
      assertThat(run(command, "--help")).isZero();
      assertThat(out.toString()).contains("Usage: simclr " + command);
    }
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("pretrain", "evaluate", "bench");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyBenchmarkHasHelp() {
    CommandLine bench = commandLine().getSubcommands().get("bench");
    for (String name : bench.getSubcommands().keySet()) {
      assertThat(run("bench", name, "--help")).as(name).isZero();
    }
  }

  @Test
  void readmeNamesEveryCommand() throws IOException {
    String readme = Files.readString(Path.of("../README.md"), UTF_8);
    CommandLine commands = commandLine();
    for (String name : commands.getSubcommands().keySet()) {
      assertThat(readme).containsPattern("\\| `" + name + "[ `]");
    }
    for (String name : commands.getSubcommands().get("bench").getSubcommands().keySet()) {
      assertThat(readme).contains("| `bench " + name);
    }
  }

  @Test
  void wrongCommandLinesEndWithTwo() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("pretrian")).isEqualTo(2);
    assertThat(run("pretrain", "--bogus")).isEqualTo(2);
    assertThat(run("pretrain", "--set")).isEqualTo(2);
    assertThat(run("bench")).isEqualTo(2);
    assertThat(run("evaluate")).isEqualTo(2);
    assertThat(err.toString()).doesNotContain("\tat ").contains("Try 'simclr pretrain --help'.");
  }

  @Test
  void wrongConfigurationsEndWithTwoAndALineAMistake() throws IOException {
    Path file = Files.writeString(directory.resolve("a.conf"), "simclr.loss.temperature=0", UTF_8);
    assertThat(run("pretrain", "--conf", file.toString(), "--set", "train.bacth=8")).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(3)
        .allMatch(line -> line.startsWith("simclr: "))
        .anyMatch(line -> line.startsWith("simclr: " + file + ":1: loss.temperature must be"))
        .anyMatch(line -> line.contains("--set: train.bacth is not a known key."))
        .anyMatch(line -> line.contains("data.train must be"));
  }

  @Test
  void exitStatusFollowsTheMistakeBehindAFailure() {
    assertThat(report(new SparkException("job", new DataException("img: cut short")))).isEqualTo(3);
    assertThat(report(new ConfigurationException("train.batch is too large"))).isEqualTo(2);
    assertThat(report(new IllegalStateException("broken\nin many\nlines"))).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "simclr: img: cut short",
            "simclr: train.batch is too large",
            "simclr: java.lang.IllegalStateException: broken",
            "The same command with --debug shows where and why.");
  }

  @Test
  void aRunThatASiblingHasEndsWithTryAgainLater() {
    assertThat(report(new RunInUseException("host runs it"))).isEqualTo(75);
  }

  @Test
  void theLaunchersDescriptorCountsInItsOwnProcessAlone() {
    long pid = ProcessHandle.current().pid();
    assertThat(Terminal.keptDescriptor("11:" + pid)).isEqualTo("11");
    assertThat(Terminal.keptDescriptor("11:1" + pid)).isEmpty();
    assertThat(Terminal.keptDescriptor("11")).isEmpty();
    assertThat(Terminal.keptDescriptor(null)).isEmpty();
  }

  @Test
  void debugShowsTheStackTrace() {
    CommandLine commandLine = commandLine();
    Main.report(
        new IllegalStateException("x"), commandLine.parseArgs("bench", "--debug"), commandLine);
    assertThat(err.toString()).contains("\tat org.simclrspark.driver.cli.MainTest");
  }

  @Test
  void aRunThatIsNoPathIsRefused() {
    assertThat(run("pretrain", "--run", "")).isEqualTo(2);
    assertThat(err.toString()).startsWith("simclr: --run: must be a path, found ''");
  }

  @Test
  void aRunThatIsNoneIsRefused() {
    assertThat(run("evaluate", "--run", directory.toString())).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("simclr: --run: the directory must hold a run with its config.conf, found none")
        .hasLineCount(1);
  }
}
