package org.simclrspark.driver.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.report.Summary;

/** A training on a standalone cluster, whose driver is a process that can be killed. */
final class ClusterTraining implements AutoCloseable {

  private final StandaloneCluster cluster;
  private final Path run;
  private final Path log;
  private final List<String> arguments;
  private final int uiPort;

  /** Made once: the metrics are asked for many times a second. */
  private final Configuration hadoop = new Configuration();

  private JavaProcess driver;

  /**
   * Prepares the training.
   *
   * @param name of its run directory
   * @param configuration in HOCON
   */
  ClusterTraining(StandaloneCluster cluster, Path directory, String name, String configuration)
      throws IOException {
    this.cluster = cluster;
    this.run = directory.resolve(name);
    this.log = directory.resolve(name + ".log");
    Path conf = directory.resolve(name + ".conf");
    Files.writeString(conf, configuration, UTF_8);
    this.arguments =
        List.of(
            "pretrain",
            "--conf",
            conf.toString(),
            "--master",
            cluster.url(),
            "--run",
            run.toString());
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.uiPort = socket.getLocalPort();
    }
  }

  /** Starts the driver, for the first time or again. */
  void start() {
    List<String> options = new ArrayList<>(cluster.driverOptions());
    options.add("-Dspark.ui.enabled=true");
    options.add("-Dspark.ui.port=" + uiPort);
    driver =
        JavaProcess.start(
            log,
            cluster.environment(),
            "1g",
            options,
            "org.simclrspark.driver.cli.Main",
            arguments);
  }

  /** Trains without disturbance. */
  void complete() throws InterruptedException, IOException {
    start();
    requireSuccess();
  }

  /** Waits until the driver has ended well. */
  void requireSuccess() throws InterruptedException, IOException {
    driver.requireSuccess("The driver");
  }

  boolean isRunning() {
    return driver.isAlive();
  }

  void killDriver() throws InterruptedException {
    driver.kill();
  }

  DriverWatch watch() {
    return new DriverWatch(uiPort);
  }

  /** Steps done, as far as the metrics say. */
  int stepsDone() {
    List<Map<String, Object>> lines = metrics();
    return lines.isEmpty() ? 0 : ((Number) lines.get(lines.size() - 1).get("step")).intValue();
  }

  /** The lines of {@code metrics.jsonl}; none while there is no such file. */
  List<Map<String, Object>> metrics() {
    return Metrics.read(new org.apache.hadoop.fs.Path(run.toString()), hadoop);
  }

  /** SHA-256 of the final parameters. */
  String hash() {
    return String.valueOf(
        Summary.read(new org.apache.hadoop.fs.Path(run.toString()), hadoop)
            .orElseThrow()
            .values()
            .get(Summary.PARAMETERS_SHA256));
  }

  @Override
  public void close() {
    if (driver != null) {
      driver.close();
    }
  }
}
