package org.simclrspark.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The command lines of processes as {@code ps} shows them; Java's own view ends after 4096 bytes.
 */
final class CommandLines {

  private CommandLines() {}

  /** Empty for a process that is gone. */
  static String of(ProcessHandle process) {
    Path file = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
    try {
      return new String(Files.readAllBytes(file), UTF_8).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }
}
