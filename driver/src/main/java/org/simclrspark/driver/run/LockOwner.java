package org.simclrspark.driver.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The process that made a claim on a run. It is told by the name of the claim's file, which is
 * whole even when the owner dies while it writes the content.
 *
 * @param host name, for messages
 * @param pid process id on the machine
 * @param started when the process started, in whatever unit the machine counts; 0 if not known
 * @param machine one running kernel and one numbering of processes on it, as 32 hexadecimal digits
 * @param id unique to the claim, 32 hexadecimal digits
 */
record LockOwner(String host, long pid, long started, String machine, String id) {

  private static final Pattern FILE_NAME =
      Pattern.compile("(.*)-(\\d+)-(\\d+)-([0-9a-f]{32})-([0-9a-f]{32})\\.json");

  /** This process. */
  static LockOwner current() {
    long pid = ProcessHandle.current().pid();
    return new LockOwner(hostName(), pid, startOf(pid), machineId(), newId());
  }

  static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /** Name of the claim's file. */
  String fileName() {
    return String.join("-", List.of(host, "" + pid, "" + started, machine, id)) + ".json";
  }

  /** The owner that a file's name tells, or an empty result for another file. */
  static Optional<LockOwner> ofFile(String name) {
    Matcher matcher = FILE_NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(
            new LockOwner(
                matcher.group(1),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                matcher.group(4),
                matcher.group(5)))
        : Optional.empty();
  }

  /** Whether this machine can see that the owner is gone: a later process may have its number. */
  boolean isSeenDead() {
    return isOfThisMachine()
        && (ProcessHandle.of(pid).isEmpty() || startOf(pid) != started || isZombie());
  }

  /** Whether this machine can see that the owner is alive. */
  boolean isSeenAlive() {
    return isOfThisMachine() && !isSeenDead();
  }

  private boolean isOfThisMachine() {
    return machine.equals(machineId());
  }

  /** A killed process keeps its number until its parent has asked for its status. */
  private boolean isZombie() {
    return processStatus(pid).map(fields -> fields.get(0).equals("Z")).orElse(false);
  }

  /** Linux counts in ticks since boot, which no change of the clock moves. */
  private static long startOf(long pid) {
    return processStatus(pid)
        .map(fields -> Long.parseLong(fields.get(19)))
        .or(
            () ->
                ProcessHandle.of(pid)
                    .flatMap(process -> process.info().startInstant())
                    .map(Instant::toEpochMilli))
        .orElse(0L);
  }

  /** Fields 3 and up of /proc/PID/stat: those after the command, which may hold anything. */
  private static Optional<List<String>> processStatus(long pid) {
    try {
      String status = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return Optional.of(
          List.of(status.substring(status.lastIndexOf(')') + 2).strip().split(" ", -1)));
    } catch (IOException goneOrNotLinux) {
      return Optional.empty();
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "");
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** Linux tells boot and process namespace; elsewhere the host's name has to do. */
  private static String machineId() {
    String machine;
    try {
      machine =
          Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
              + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException notLinux) {
      machine = hostName();
    }
    return UUID.nameUUIDFromBytes(machine.getBytes(UTF_8)).toString().replace("-", "");
  }
}
