package org.simclrspark.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

  private static final int STEPS = 16;
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
        assertThat(again.output())
            .contains("is finished after " + STEPS + " steps; there is nothing to do");
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
    assertThat(run.steps()).isEqualTo(IntStream.rangeClosed(1, STEPS).boxed().toList());
  }

  /** The doctor does not wait for executors that no worker has the cores for. */
  @Test
  @Order(6)
  void theDoctorTellsThatNoWorkerHasTheCores() throws Exception {
    try (Command doctor =
        Command.simclr(
            directory,
            Map.of(),
            "doctor",
            "--conf",
            conf.toString(),
            "--set",
            "worker.threads=8",
            "--master",
            cluster.url())) {
      assertThat(doctor.status()).as(doctor.output()).isEqualTo(2);
      assertThat(doctor.output())
          .contains("WRONG executors: must be there within 90 s, found none with 8 cores");
    }
  }

  /** The master would start it again and again; it has itself taken off, and says why. */
  @Test
  @Order(4)
  void aSupervisedDriverIsNotStartedAgainAfterAMistake() throws Exception {
    try (Command submit =
        Command.simclr(
            directory,
            Map.of(),
            "pretrain",
            "--conf",
            conf.toString(),
            "--run",
            directory.resolve("mistake").toString(),
            "--set",
            "train.batch=2560",
            "--set",
            "train.micro-batch=640",
            "--master",
            cluster.url(),
            "--",
            "--deploy-mode",
            "cluster",
            "--supervise")) {
      submit.succeeds();
    }
    Await.until("the mistake", 300, () -> cluster.output("at most the number of training images"));
    Await.until("the end of the driver", 120, () -> cluster.drivers().isEmpty());
    // Spark waits for one second before it starts a driver again.
    Thread.sleep(5000);
    assertThat(cluster.drivers()).isEmpty();
    assertThat(cluster.output("Asking the master to start this driver no more")).isTrue();
  }

  /**
   * What an elastic cluster does to a run, one thing after the other: a machine that hangs, map
   * output that is gone while gradients are averaged, a machine that goes away in the middle of a
   * step.
   */
  @Test
  @Order(3)
  void speculationLostMapOutputAndDecommissioningLeaveTheBits() throws Exception {
    Path events = Files.createDirectories(directory.resolve("events"));
    Run run = new Run(directory.resolve("elastic"));
    try (Command pretrain =
        Command.simclr(
            directory,
            Map.of("SIMCLR_JAVA_OPTIONS", "-Dsimclr.log.tasks=info"),
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
      Disturbance disturbance = new Disturbance(cluster, pretrain);
      disturbance.stallAnExecutor();
      disturbance.loseMapOutput();
      disturbance.decommission();
      assertThat(run.steps()).as("steps when the machine was gone").hasSizeLessThan(STEPS);
      pretrain.succeeds();
    }
    assertThat(run.hash()).isEqualTo(expected);
    String log = eventLog(events);
    assertThat(log).containsPattern("\"Event\":\"SparkListenerTaskEnd\".*\"Speculative\":true");
    assertThat(log).contains("\"Reason\":\"FetchFailed\"");
    assertThat(log).containsPattern("\"Event\":\"SparkListenerExecutorRemoved\".*decommission");
  }

  /**
   * One of two machines computes with AVX2 alone: executors that are held to it agree, others are
   * refused.
   */
  @Test
  @Order(5)
  void processorsOfTwoKindsAgreeWhereTheyAreHeldToTheSameInstructions() throws Exception {
    Map<String, String> older =
        Map.of("JAVA_TOOL_OPTIONS", "-XX:UseAVX=2", "DNNL_MAX_CPU_ISA", "AVX2");
    try (StandaloneCluster alike =
            new StandaloneCluster(Files.createDirectories(directory.resolve("alike")), Map.of());
        Command pretrain = onTwo(alike, "alike/run", "avx2").succeeds()) {
      assertThat(pretrain.output()).doesNotContain("another environment");
    }
    try (StandaloneCluster mixed =
        new StandaloneCluster(Files.createDirectories(directory.resolve("mixed")), older)) {
      onTwo(mixed, "mixed/run", "avx2").succeeds().close();
      assertThat(new Run(directory.resolve("mixed/run")).hash())
          .isEqualTo(new Run(directory.resolve("alike/run")).hash());
      try (Command refused = onTwo(mixed, "mixed/native", "native")) {
        assertThat(refused.status()).as(refused.output()).isEqualTo(2);
        assertThat(refused.output()).contains("worker.mixed-processors=true");
      }
    }
  }

  private static Command onTwo(StandaloneCluster workers, String run, String isa)
      throws IOException {
    return Command.simclr(
        directory,
        Map.of(),
        "pretrain",
        "--conf",
        conf.toString(),
        "--set",
        "train.steps=3",
        "--set",
        "worker.isa=" + isa,
        "--run",
        directory.resolve(run).toString(),
        "--master",
        workers.url(),
        "--",
        "--executor-memory",
        "1g",
        "--total-executor-cores",
        "2",
        // Both compute in every step: none waits for the other, and none is overtaken by a copy.
        "--conf",
        "spark.dynamicAllocation.enabled=false",
        "--conf",
        "spark.speculation=false",
        "--conf",
        "spark.scheduler.minRegisteredResourcesRatio=1");
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
            // An executor goes once all has moved since its last task; Spark looks each 30 s.
            "spark.storage.decommission.replicationReattemptInterval=1s",
            "spark.speculation=true",
            // Who reads from the stalled executor gives up, and its place takes the copy.
            "spark.shuffle.io.connectionTimeout=5s",
            "spark.shuffle.io.maxRetries=1",
            "spark.shuffle.io.retryWait=1s",
            "spark.speculation.interval=100ms",
            "spark.speculation.quantile=0.5",
            "spark.speculation.multiplier=1.5",
            "spark.speculation.minTaskRuntime=100ms",
            "spark.speculation.task.duration.threshold=2s"));
  }
}
