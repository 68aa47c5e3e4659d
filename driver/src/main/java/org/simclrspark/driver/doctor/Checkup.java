package org.simclrspark.driver.doctor;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.cluster.DriverMemory;
import org.simclrspark.driver.cluster.ExecutorMemory;
import org.simclrspark.driver.config.SimclrConfig;

/** Looks at driver, executors and storage, with a finding for each thing that can be wrong. */
public final class Checkup {

  private static final Duration EXECUTOR_PATIENCE = Duration.ofSeconds(90);
  private static final long CLOCK_TOLERANCE_MILLISECONDS = 60_000;

  private final JavaSparkContext spark;
  private final Consumer<Finding> findings;

  private Checkup(JavaSparkContext spark, Consumer<Finding> findings) {
    this.spark = spark;
    this.findings = findings;
  }

  /**
   * Looks at everything.
   *
   * @param config to hold memory and storage against, if there is one
   * @param run directory of a run, if there is one
   * @return whether all is well
   */
  public static boolean run(
      JavaSparkContext spark,
      Optional<SimclrConfig> config,
      Optional<Path> run,
      Consumer<Finding> told) {
    List<Finding> all = new ArrayList<>();
    Checkup checkup =
        new Checkup(
            spark,
            finding -> {
              all.add(finding);
              told.accept(finding);
            });
    checkup.look(config, run);
    return all.stream().allMatch(Finding::good);
  }

  private void look(Optional<SimclrConfig> config, Optional<Path> run) {
    tell(true, "Spark", spark.version() + " at " + spark.master());
    MachineReport driver = MachineReport.here("driver");
    machine(driver);
    config.ifPresent(c -> driverMemory(c, driver));
    Configuration hadoop = spark.hadoopConfiguration();
    Optional<Path> probe = run.map(StorageCheck::probe);
    Optional<Finding> written = probe.map(file -> StorageCheck.write(file, hadoop));
    written.ifPresent(findings);
    Optional<Path> readable = written.filter(Finding::good).flatMap(good -> probe);
    if (!ExecutorVisit.areThere(spark, EXECUTOR_PATIENCE)) {
      noExecutors();
      readable.ifPresent(this::delete);
      return;
    }
    List<ExecutorVisit> visits =
        ExecutorVisit.all(
            spark,
            readable,
            config.map(c -> c.data().train()),
            config.flatMap(c -> c.data().cache()));
    readable.ifPresent(this::delete);
    tell(
        visits.size() >= ExecutorVisit.executors(spark),
        "executors",
        visits.size()
            + " of "
            + ExecutorVisit.executors(spark)
            + " answered"
            + (visits.size() < ExecutorVisit.executors(spark) ? ". Look at their logs." : ""));
    for (ExecutorVisit visit : visits) {
      executor(visit, config, readable.isPresent());
    }
    alike(visits);
  }

  /** Tasks would wait without end for what the cluster does not give. */
  private void noExecutors() {
    tell(
        false,
        "executors",
        "must be there within "
            + EXECUTOR_PATIENCE.toSeconds()
            + " s, found none with "
            + spark.getConf().get("spark.executor.cores", "1")
            + " cores and "
            + spark.getConf().get("spark.executor.memory", "1g")
            + " of memory. Free such a place, or"
            + " ask for less by worker.threads, --executor-cores and --executor-memory; the page of"
            + " the cluster's manager shows what is free.");
  }

  private void executor(ExecutorVisit visit, Optional<SimclrConfig> config, boolean probed) {
    MachineReport machine = visit.machine();
    machine(machine);
    long skew = visit.clockSkewMillis();
    tell(
        skew <= CLOCK_TOLERANCE_MILLISECONDS,
        "clock of " + machine.name(),
        skew <= CLOCK_TOLERANCE_MILLISECONDS
            ? "agrees with the driver's"
            : "must be within 60 s of the driver's, found "
                + skew / 1000
                + " s. Synchronise both by NTP: storage and Kerberos refuse requests of another time.");
    if (probed) {
      read(visit.probe(), "run directory", machine, "Use storage that all machines reach.");
    }
    config.ifPresent(
        c -> {
          read(
              visit.images(),
              "data.train " + c.data().train(),
              machine,
              "Check the path on that machine, permissions and credentials.");
          c.data().cache().ifPresent(cache -> cache(visit, cache));
          executorMemory(c, machine);
        });
    if (spark.getConf().contains("spark.executor.resource.gpu.amount")) {
      tell(
          !visit.gpus().isEmpty() || !spark.getConf().contains("spark.task.resource.gpu.amount"),
          "GPU of " + machine.name(),
          visit.gpus().isEmpty()
              ? "the task must get one, found none. Set spark.task.resource.gpu.amount=1."
              : "address " + String.join(", ", visit.gpus()));
    }
  }

  private void cache(ExecutorVisit visit, String directory) {
    tell(
        visit.cache().isEmpty(),
        "data.cache " + directory + " of " + visit.machine().name(),
        visit.cache().isEmpty()
            ? "can be written"
            : "cannot be written ("
                + visit.cache()
                + "). Make it there, and let the user of the executors write to it.");
  }

  private void machine(MachineReport machine) {
    tell(
        machine.java().startsWith("17"),
        "Java of " + machine.name(),
        machine.java().startsWith("17")
            ? machine.java()
            : "must be 17, found "
                + machine.java()
                + ". Install it there, and set spark.executorEnv.JAVA_HOME or JAVA_HOME to it.");
    tell(
        machine.natives().isEmpty(),
        "natives of " + machine.name(),
        machine.natives().isEmpty()
            ? "load on " + machine.processor() + " (" + machine.instructions() + ")"
            : machine.natives());
  }

  private void driverMemory(SimclrConfig config, MachineReport driver) {
    long needed = DriverMemory.bytes(config);
    boolean enough = driver.heapBytes() >= needed * 0.9;
    tell(
        enough,
        "memory of the driver",
        enough
            ? "a heap of " + gibi(driver.heapBytes()) + ", about " + gibi(needed) + " needed"
            : "the heap must be about "
                + gibi(needed)
                + " for this configuration, found "
                + gibi(driver.heapBytes())
                + ". Set SIMCLR_DRIVER_MEMORY="
                + DriverMemory.option(config)
                + ".");
  }

  private void executorMemory(SimclrConfig config, MachineReport machine) {
    long needed = ExecutorMemory.beside(config, spark.getConf());
    long there = Math.min(ExecutorMemory.overhead(spark.getConf()), machine.freeBytes());
    boolean enough = there >= needed;
    tell(
        enough,
        "memory of " + machine.name(),
        enough
            ? gibi(there) + " beside the heap, about " + gibi(needed) + " needed"
            : "must be about "
                + gibi(needed)
                + " beside the heap for the tasks' activations and buffers, found "
                + gibi(there)
                + ". Give spark.executor.memoryOverhead, or lower worker.activation-memory.");
  }

  private void read(String problem, String subject, MachineReport machine, String remedy) {
    tell(
        problem.isEmpty(),
        subject + " from " + machine.name(),
        problem.isEmpty() ? "can be read" : "cannot be read (" + problem + "). " + remedy);
  }

  /** Executors of several kinds give other last bits. */
  private void alike(List<ExecutorVisit> visits) {
    Set<String> kinds =
        visits.stream()
            .map(visit -> visit.machine().processor() + ", Java " + visit.machine().java())
            .collect(Collectors.toSet());
    if (kinds.size() > 1) {
      tell(
          false,
          "executors",
          "must be alike for the same bits on every run, found "
              + String.join("; ", kinds)
              + ". Use machines of one kind, or set worker.isa.");
    }
  }

  private void delete(Path probe) {
    try {
      probe.getFileSystem(spark.hadoopConfiguration()).delete(probe, false);
    } catch (IOException e) {
      tell(
          false,
          "storage " + probe.getParent(),
          "a file cannot be deleted (" + e.getMessage() + "). Grant the right to delete.");
    }
  }

  private void tell(boolean good, String subject, String text) {
    findings.accept(new Finding(good, subject, text));
  }

  private static String gibi(long bytes) {
    return bytes == Long.MAX_VALUE
        ? "no limit"
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }
}
