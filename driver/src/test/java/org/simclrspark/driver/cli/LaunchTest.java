package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher is told before it starts anything. */
class LaunchTest {

  private static final String BARE = "simclr.launch.bare";

  @TempDir private Path directory;
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final Set<String> properties =
      new HashSet<>(System.getProperties().stringPropertyNames());
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private Path conf;

  @BeforeEach
  void redirect() throws IOException {
    System.setOut(new PrintStream(told, true, UTF_8));
    System.setErr(new PrintStream(said, true, UTF_8));
    conf =
        Files.writeString(
            directory.resolve("my.conf"),
            "size = 16\nsimclr { data.train = images, train.batch = ${size}, train.shards = 1,"
                + " train.micro-batch = 16, worker.threads = 3 }");
  }

  @AfterEach
  void restore() {
    System.setOut(out);
    System.setErr(err);
    Set<String> now = new HashSet<>(System.getProperties().stringPropertyNames());
    now.removeAll(properties);
    now.forEach(System::clearProperty);
  }

  private int check(List<String> arguments, String... submit) {
    return Launch.check(arguments, List.of(submit));
  }

  private List<String> pretrain(String run) {
    return List.of("pretrain", "--conf", conf.toString(), "--run", run);
  }

  @Test
  void inClientModeTheDriverReadsTheFileItself() {
    assertThat(check(pretrain("runs/x"), "--conf", "spark.a=b")).isZero();
    assertThat(told.toString(UTF_8).lines())
        .containsExactly("simclr.threads=3", "simclr.deploy-mode=client");
  }

  @Test
  void inClusterModeTheConfigurationTravelsWithTheCommand() {
    assertThat(
            check(
                pretrain("hdfs://host/runs/x"), "--deploy-mode", "cluster", "--master", "k8s://x"))
        .isZero();
    String uri =
        told.toString(UTF_8)
            .lines()
            .filter(line -> line.startsWith("simclr.configuration="))
            .map(line -> line.substring(line.indexOf('=') + 1))
            .findFirst()
            .orElseThrow();
    InlineFile file = InlineFile.parse(uri).orElseThrow();
    assertThat(file.name()).isEqualTo("my.conf");
    told.reset();
    assertThat(check(List.of("pretrain", "--conf", uri, "--run", "hdfs://host/runs/x"))).isZero();
    assertThat(told.toString(UTF_8)).contains("simclr.threads=3");
    assertThat(file.text()).contains("\"batch\":16");
  }

  /** Of a doctor on the cluster, too: its findings about memory and storage need it. */
  @Test
  void theDoctorTakesTheConfigurationAlong() {
    String[] cluster = {"--deploy-mode", "cluster", "--master", "k8s://x"};
    assertThat(check(List.of("doctor", "--conf", conf.toString()), cluster))
        .as(said.toString(UTF_8))
        .isZero();
    assertThat(told.toString(UTF_8)).contains("simclr.configuration=data:", "simclr.threads=3");
    told.reset();
    assertThat(check(List.of("doctor", "--conf", conf.toString(), "--run", "x"), cluster))
        .isEqualTo(2);
    assertThat(check(List.of("doctor"), cluster)).isZero();
    assertThat(told.toString(UTF_8)).doesNotContain("simclr.configuration");
  }

  /** A new run without --conf is the quickstart's; an existing one has its own configuration. */
  @Test
  void theQuickstartTravelsUnlessTheRunHasAConfiguration() throws IOException {
    Path run = directory.resolve("runs/x");
    String[] cluster = {"--deploy-mode", "cluster", "--master", "k8s://x"};
    assertThat(check(List.of("pretrain", "--run", run.toString()), cluster))
        .as(said.toString(UTF_8))
        .isZero();
    assertThat(told.toString(UTF_8))
        .contains("simclr.configuration=data:application/hocon;name=quickstart.conf;");
    told.reset();
    Files.copy(conf, Files.createDirectories(run).resolve("config.conf"));
    assertThat(check(List.of("pretrain", "--run", run.toString()), cluster)).isZero();
    assertThat(told.toString(UTF_8)).doesNotContain("simclr.configuration");
  }

  @Test
  void aRelativeRunWouldBeLostWithTheDriver() {
    assertThat(check(pretrain("runs/x"), "--deploy-mode", "cluster", "--master", "k8s://x"))
        .isEqualTo(2);
    assertThat(said.toString(UTF_8))
        .startsWith("simclr: --run: must be on a file system that all machines reach")
        .contains("found the relative path runs/x.");
  }

  /** The check has none of the libraries that --packages bring, and none of spark.hadoop.*. */
  @Test
  void aRunOnAnotherFileSystemIsReadWithWhatSparkSubmitBrings() {
    System.setProperty(BARE, "true");
    assertThat(check(List.of("pretrain", "--run", "s3a://bucket/runs/x"))).isEqualTo(101);
    assertThat(check(List.of("evaluate", "--run", "s3a://bucket/runs/x"))).isEqualTo(101);
    assertThat(check(List.of("pretrain", "--conf", "s3a://bucket/my.conf"))).isEqualTo(101);
    assertThat(said.toString(UTF_8)).isEmpty();
    assertThat(check(pretrain("s3a://bucket/runs/x"))).isZero();
  }

  @Test
  void settingsOfHadoopReachTheCheck() throws IOException {
    Path run = Files.createDirectories(directory.resolve("runs/x"));
    Files.copy(conf, run.resolve("config.conf"));
    assertThat(
            check(
                List.of("evaluate", "--run", "/runs/x"),
                "--conf",
                "spark.hadoop.fs.defaultFS=prefix:///",
                "--conf",
                "spark.hadoop.fs.prefix.impl=" + PrefixFileSystem.class.getName(),
                "--conf",
                "spark.hadoop.fs.prefix.root=" + directory))
        .as(said.toString(UTF_8))
        .isZero();
    assertThat(told.toString(UTF_8)).contains("simclr.threads=3");
  }

  @Test
  void secretsOnTheCommandLineAreWarnedOfAndNotShown() {
    assertThat(check(pretrain("x"), "--conf", "spark.hadoop.fs.s3a.secret.key=s3cr3t")).isZero();
    assertThat(said.toString(UTF_8))
        .contains(
            "Warning: spark.hadoop.fs.s3a.secret.key on the command line can be read by every")
        .doesNotContain("s3cr3t");
    assertThat(check(List.of("pretrain", "--run", "s3a://KEY:s3cr3t@bucket/x"))).isEqualTo(2);
    assertThat(said.toString(UTF_8)).contains("s3a://***@bucket/x").doesNotContain("s3cr3t");
  }
}
