package org.simclrspark.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher and a standalone cluster of a Spark distribution. Classes and natives reach the
 * executors as a user's do, by {@code --jars}.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneTest {

  private static final int STEPS = 10;
  private static final String ACCESS_KEY = "AKIATESTINGTHEKEY";
  private static final String SECRET_KEY = "s3cr3tKeyThatMustBeFoundNowhere";

  @TempDir static Path directory;
  private static StandaloneCluster cluster;
  private static Path conf;
  private static String expected;

  @BeforeAll
  static void start() throws IOException {
    cluster = new StandaloneCluster(directory);
    conf = Project.configuration(directory, STEPS);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** Client mode, on an S3 whose keys come from a file: the keys are in nothing that others see. */
  @Test
  @Order(1)
  void clientModeOnS3LeavesTheKeysNowhere() throws Exception {
    Path events = Files.createDirectories(directory.resolve("events-s3"));
    try (S3Server s3 = new S3Server(directory, ACCESS_KEY, SECRET_KEY)) {
      List<String> properties = new ArrayList<>(s3.settings());
      properties.add("spark.hadoop.fs.s3a.access.key=" + ACCESS_KEY);
      properties.add("spark.hadoop.fs.s3a.secret.key=" + SECRET_KEY);
      properties.add("spark.jars=" + Project.jars(Project.DEPLOY.resolve("target/s3-client")));
      properties.add("spark.eventLog.enabled=true");
      properties.add("spark.eventLog.dir=" + events.toUri());
      properties.add("spark.executor.memory=1g");
      properties.add("spark.cores.max=2");
      properties.add("spark.serializer=org.apache.spark.serializer.KryoSerializer");
      Path file = Files.createDirectories(directory.resolve("private")).resolve("spark.conf");
      Files.write(file, properties);
      List<String> seen = new ArrayList<>();

      try (Command pretrain = onS3(file, "pretrain", "--conf", conf.toString())) {
        while (pretrain.isAlive()) {
          ProcessHandle.allProcesses()
              .map(CommandLines::of)
              .filter(line -> line.contains(SECRET_KEY))
              .forEach(seen::add);
          Thread.sleep(100);
        }
        pretrain.succeeds();
        assertThat(pretrain.output())
            .contains("spark.serializer=org.apache.spark.serializer.KryoSerializer is overridden")
            .doesNotContain("another environment")
            .doesNotContain(SECRET_KEY);
      }
      expected = new Run(s3.bucket().resolve("runs/first")).hash();

      // Goes on, and evaluates, with what the run's directory says.
      try (Command again = onS3(file, "pretrain").succeeds()) {
        assertThat(again.output()).contains("is finished after 10 steps; there is nothing to do");
      }
      assertThat(seen).isEmpty();
      assertThat(filesWith(SECRET_KEY)).isEmpty();
    }
    assertThat(expected).hasSize(64);
  }

  private static Command onS3(Path properties, String... command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--run", "s3a://bucket/runs/first", "--master", cluster.url()));
    arguments.addAll(List.of("--", "--properties-file", properties.toString()));
    return Command.simclr(directory, Map.of(), arguments.toArray(new String[0]));
  }

  /** Files of the test that hold a text: logs, run directories, event logs; not the user's own. */
  private static List<Path> filesWith(String text) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".jar")
            && !file.startsWith(directory.resolve("private"))
            && new String(Files.readAllBytes(file), UTF_8).contains(text)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  /** The driver runs on a worker and is killed; the master starts it again, and the run goes on. */
  @Test
  @Order(2)
  void aSupervisedDriverOfClusterModeIsStartedAgain() throws Exception {
    Run run = new Run(directory.resolve("supervised"));
    try (Command submit =
        Command.simclr(
            directory,
            Map.of(),
            "pretrain",
            "--conf",
            conf.toString(),
            "--run",
            run.directory().toString(),
            "--master",
            cluster.url(),
            "--",
            "--deploy-mode",
            "cluster",
            "--supervise",
            "--driver-memory",
            "1g",
            "--executor-memory",
            "1g",
            "--total-executor-cores",
            "2")) {
      submit.succeeds();
    }
    Await.until("a checkpoint", 300, run::hasCheckpoint);
    List<ProcessHandle> drivers = cluster.drivers();
    assertThat(drivers).hasSize(1);
    assertThat(run.steps()).hasSizeLessThan(STEPS);
    drivers.get(0).destroyForcibly();
    Path summary = run.directory().resolve("summary.json");
    Await.until("the end of the run", 300, () -> Files.exists(summary));
    Await.until("the end of the driver", 60, () -> cluster.drivers().isEmpty());
    assertThat(run.hash()).isEqualTo(expected);
    assertThat(run.steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  /** What an elastic cluster does to a run, one thing after the other. */
  @Test
  @Order(3)
  @Tag("by-hand")
  void speculationLostMapOutputAndDecommissioningLeaveTheBits() throws Exception {
    Path events = Files.createDirectories(directory.resolve("events"));
    Run run = new Run(directory.resolve("elastic"));
    try (Command pretrain =
        Command.simclr(
            directory,
            Map.of(),
            "pretrain",
            "--conf",
            conf.toString(),
            "--run",
            run.directory().toString(),
            "--master",
            cluster.url(),
            "--",
            "--properties-file",
            elastic(events).toString())) {
      Await.until("step 1", 120, () -> run.steps().size() >= 1);
      Disturbance disturbance = new Disturbance(cluster);
      disturbance.stallAnExecutor();
      disturbance.loseMapOutput();
      disturbance.decommission();
      pretrain.succeeds();
    }
    assertThat(run.hash()).isEqualTo(expected);
    String log = eventLog(events);
    assertThat(log).containsPattern("\"Event\":\"SparkListenerTaskEnd\".*\"Speculative\":true");
    assertThat(log).contains("\"Reason\":\"FetchFailed\"");
    assertThat(log).containsPattern("\"Event\":\"SparkListenerExecutorRemoved\".*decommission");
  }

  private static String eventLog(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      Path log = files.filter(Files::isRegularFile).findFirst().orElseThrow();
      return Files.readString(log);
    }
  }

  private static Path elastic(Path events) throws IOException {
    return Files.write(
        directory.resolve("elastic.conf"),
        List.of(
            "spark.executor.memory=1g",
            "spark.eventLog.enabled=true",
            "spark.eventLog.dir=" + events.toUri(),
            "spark.eventLog.logBlockUpdates.enabled=false",
            "spark.dynamicAllocation.enabled=true",
            "spark.dynamicAllocation.shuffleTracking.enabled=true",
            "spark.dynamicAllocation.minExecutors=1",
            "spark.decommission.enabled=true",
            "spark.storage.decommission.enabled=true",
            "spark.storage.decommission.rddBlocks.enabled=true",
            "spark.storage.decommission.shuffleBlocks.enabled=true",
            "spark.speculation=true",
            "spark.speculation.interval=100ms",
            "spark.speculation.quantile=0.5",
            "spark.speculation.multiplier=1.5",
            "spark.speculation.minTaskRuntime=100ms"));
  }
}
