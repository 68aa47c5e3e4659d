package org.simclrspark.driver.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real standalone cluster of Spark on this machine: a master and workers of one core each, every
 * one a process of its own, whose executors are processes again.
 */
final class StandaloneCluster implements AutoCloseable {

  private static final String HOST = "127.0.0.1";

  private final Path directory;
  private final Map<String, String> environment;
  private final int port;
  private final JavaProcess master;
  private final List<JavaProcess> workers = new ArrayList<>();

  /**
   * Starts the cluster.
   *
   * @param directory for logs and what executors leave on disk
   * @param workers how many, each with one core
   */
  StandaloneCluster(Path directory, int workers) throws IOException {
    this.directory = directory;
    this.environment =
        Map.of(
            "SPARK_HOME",
            JavaProcess.sparkHome().toString(),
            "SPARK_SCALA_VERSION",
            "2.12",
            "SPARK_LOCAL_IP",
            HOST,
            "OMP_NUM_THREADS",
            "1");
    this.port = freePort();
    this.master =
        start(
            "master",
            // However often its executors die, an application stays.
            List.of("-Dspark.deploy.maxExecutorRetries=-1"),
            "org.apache.spark.deploy.master.Master",
            "--host",
            HOST,
            "--port",
            Integer.toString(port),
            "--webui-port",
            "0");
    for (int i = 0; i < workers; i++) {
      this.workers.add(
          start(
              "worker-" + i,
              List.of(),
              "org.apache.spark.deploy.worker.Worker",
              url(),
              "--host",
              HOST,
              "--cores",
              "1",
              "--memory",
              "2g",
              "--webui-port",
              "0",
              "--work-dir",
              directory.resolve("work-" + i).toString()));
    }
  }

  private JavaProcess start(
      String name, List<String> options, String mainClass, String... arguments) {
    return JavaProcess.start(
        directory.resolve(name + ".log"),
        environment,
        "256m",
        options,
        mainClass,
        List.of(arguments));
  }

  /** For {@code --master}. */
  String url() {
    return "spark://" + HOST + ":" + port;
  }

  /** What drivers and executors need in their environment. */
  Map<String, String> environment() {
    return environment;
  }

  /** Settings with which a driver's executors run here: its jars travel to them. */
  List<String> driverOptions() {
    return List.of(
        "-Dspark.jars=" + JavaProcess.applicationJars(),
        "-Dspark.executor.memory=1g",
        "-Dspark.driver.host=" + HOST,
        "-Dspark.local.dir=" + directory);
  }

  /** The executors that live now: a worker starts no other processes. */
  List<ProcessHandle> executors() {
    return workers.stream().flatMap(worker -> worker.handle().children()).toList();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    workers.forEach(JavaProcess::close);
    master.close();
  }
}
