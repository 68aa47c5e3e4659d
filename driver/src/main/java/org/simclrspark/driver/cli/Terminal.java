package org.simclrspark.driver.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import org.simclrspark.driver.report.CountProgress;
import org.simclrspark.driver.report.LineProgress;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.report.TerminalProgress;

/** The terminal as the launcher found it. */
final class Terminal {

  private static final int MINIMUM_COLUMNS = 60;

  private Terminal() {}

  /** A progress line where the standard output is a terminal, plain lines elsewhere. */
  static Progress progress() {
    int columns = columns();
    return columns > 0 ? new TerminalProgress(System.out, columns) : new LineProgress(System.out);
  }

  /** As {@link #progress} for things that are counted. */
  static CountProgress countProgress(String task) {
    return new CountProgress(System.out, task, columns());
  }

  /** Whether the standard output is a terminal. */
  static boolean isOne() {
    return columns() > 0;
  }

  /** Width of the terminal, in characters; 0 without one, or with one that is too narrow. */
  private static int columns() {
    int columns = Integer.getInteger("simclr.terminal.columns", 0);
    return columns >= MINIMUM_COLUMNS ? columns : 0;
  }

  /**
   * The descriptor in {@code NUMBER:PROCESS}, if this is the process that the launcher became.
   * Spark may pass the submitter's environment on to a driver elsewhere, where the number is that
   * of another file.
   */
  static String keptDescriptor(String kept) {
    String mine = ":" + ProcessHandle.current().pid();
    return kept != null && kept.endsWith(mine) ? kept.substring(0, kept.indexOf(':')) : "";
  }

  /**
   * Sends standard error to the file descriptor that the launcher kept for it. The launcher filters
   * descriptor 2, to which the JVM writes a warning of its own at every start; what this program
   * writes goes past that filter, in order with standard output and complete at exit.
   */
  static void restoreStandardError() {
    String number = keptDescriptor(System.getenv("SIMCLR_STDERR"));
    if (number.isEmpty()) {
      return;
    }
    try {
      Constructor<FileDescriptor> descriptor =
          FileDescriptor.class.getDeclaredConstructor(int.class);
      descriptor.setAccessible(true);
      FileOutputStream out = new FileOutputStream(descriptor.newInstance(Integer.parseInt(number)));
      System.setErr(new PrintStream(out, true));
    } catch (ReflectiveOperationException | RuntimeException e) {
      System.err.println("simclr: standard error stays filtered: " + e);
    }
  }
}
