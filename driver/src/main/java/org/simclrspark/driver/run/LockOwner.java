package org.simclrspark.driver.run;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;

/**
 * The process that made a claim on a run.
 *
 * @param id unique to the claim
 * @param host name, for messages
 * @param machine one running kernel and one numbering of processes on it
 * @param pid process id on that machine
 * @param started when the process started, as ISO 8601 instant; empty if not known
 */
record LockOwner(String id, String host, String machine, long pid, String started) {

  /** This process. */
  static LockOwner current() {
    ProcessHandle process = ProcessHandle.current();
    return new LockOwner(
        UUID.randomUUID().toString(), hostName(), machineId(), process.pid(), startOf(process));
  }

  /** Whether this machine can see that the owner is gone: a later process may have its number. */
  boolean isSeenDead() {
    return machine.equals(machineId())
        && ProcessHandle.of(pid)
            .map(process -> isZombie(pid) || !startOf(process).equals(started))
            .orElse(true);
  }

  /** Whether this machine can see that the owner is alive. */
  boolean isSeenAlive() {
    return machine.equals(machineId()) && !isSeenDead();
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** Linux tells boot and process namespace; elsewhere the host's name has to do. */
  private static String machineId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException notLinux) {
      return hostName();
    }
  }

  /** A killed process keeps its number until its parent has asked for its status. */
  private static boolean isZombie(long pid) {
    try {
      String status = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return status.startsWith("Z", status.lastIndexOf(')') + 2);
    } catch (IOException goneOrNotLinux) {
      return false;
    }
  }
}
