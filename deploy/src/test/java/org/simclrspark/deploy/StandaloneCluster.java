package org.simclrspark.deploy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A standalone master and two workers of the distribution, each a process, as an admin starts them.
 * The workers have addresses of their own, as two machines have: Spark runs no copy of a task on
 * the machine of the first.
 */
final class StandaloneCluster implements AutoCloseable {

  private static final int WORKERS = 2;

  private final int port = freePort();
  private final Path directory;
  private final Command master;
  private final List<Command> workers = new ArrayList<>();

  StandaloneCluster(Path directory) throws IOException {
    this(directory, Map.of());
  }

  /**
   * A cluster with a second machine of another kind.
   *
   * @param second variables of its processes
   */
  StandaloneCluster(Path directory, Map<String, String> second) throws IOException {
    this.directory = directory;
    this.master =
        start(
            Map.of(),
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--webui-port",
            "0");
    for (int i = 0; i < WORKERS; i++) {
      String host = "127.0.0." + (i + 1);
      Map<String, String> environment = new HashMap<>(i == 1 ? second : Map.of());
      environment.put("SPARK_LOCAL_IP", host);
      environment.put("SPARK_LOCAL_DIRS", localFiles(i).toString());
      workers.add(
          start(
              environment,
              "org.apache.spark.deploy.worker.Worker",
              url(),
              "--host",
              host,
              "--cores",
              "2",
              "--memory",
              "4g",
              "--webui-port",
              "0",
              "--work-dir",
              work(i).toString()));
    }
  }

  private Command start(Map<String, String> environment, String... arguments) throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("SPARK_DAEMON_JAVA_OPTS", "-Dspark.decommission.enabled=true");
    List<String> command = new ArrayList<>();
    command.add(Project.SPARK_HOME.resolve("bin/spark-class").toString());
    command.addAll(List.of(arguments));
    return Command.start(directory, all, command);
  }

  /** For {@code --master}. */
  String url() {
    return "spark://127.0.0.1:" + port;
  }

  ProcessHandle worker(int index) {
    return workers.get(index).handle();
  }

  /** The executors of a worker that live now. */
  List<ProcessHandle> executors(int index) {
    return processes(workers.get(index), "CoarseGrainedExecutorBackend").toList();
  }

  /** The drivers that workers run. */
  List<ProcessHandle> drivers() {
    return workers.stream().flatMap(worker -> processes(worker, "DriverWrapper")).toList();
  }

  private static Stream<ProcessHandle> processes(Command worker, String mainClass) {
    return worker
        .handle()
        .descendants()
        .filter(process -> CommandLines.of(process).contains(mainClass));
  }

  /** Whether a driver or an executor has said this. */
  boolean output(String text) throws IOException {
    for (int i = 0; i < WORKERS; i++) {
      try (Stream<Path> files = Files.walk(work(i))) {
        for (Path file : files.filter(path -> path.endsWith("stderr")).toList()) {
          if (Files.readString(file).contains(text)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** What a worker keeps of its executors and drivers: output, jars. */
  private Path work(int index) {
    return directory.resolve("worker-" + index);
  }

  /** Where the executors of a worker keep map output and blocks. */
  Path localFiles(int index) {
    return directory.resolve("local-" + index);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    workers.forEach(Command::close);
    master.close();
  }
}
