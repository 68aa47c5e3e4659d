package org.simclrspark.driver.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.registry.LocateRegistry;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import javax.management.remote.rmi.RMIConnector;
import javax.management.remote.rmi.RMIServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;

/** The figures of a training on two executors, where clusters look for them. */
@Tag("slow")
class LiveMetricsTest {

  private static final String PREFIX =
      "metrics_simclr_driver_plugin_org_simclrspark_driver_metrics_SimclrPlugin_";
  private static final Pattern EXPORTED =
      Pattern.compile("^" + PREFIX + "(\\w+)_Value\\{[^}]*} (\\S+)$", Pattern.MULTILINE);
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(\\w+)` \\|");
  private static final long POLL_MILLISECONDS = 100;

  @TempDir Path directory;

  @Test
  void prometheusJmxAndTheJobsShowATrainingOnTwoExecutors() throws Exception {
    int ui = freePort();
    int jmx = freePort();
    SimclrProcess training =
        start(
            Stream.concat(options(ui).stream(), jmx(jmx).stream()).toList(),
            "pretrain",
            "--master",
            "local-cluster[2,1,1200]");
    try {
      String scraped =
          await(
              training,
              ui,
              "/metrics/prometheus",
              text -> value(text, "step") >= 2 && value(text, "executors") == 2);
      Set<String> names = names(EXPORTED, scraped);
      assertThat(names).isEqualTo(documented("The driver's"));
      assertThat(value(scraped, "loss")).isBetween(0.1, 20.0);
      assertThat(value(scraped, "running")).isEqualTo(1);
      assertThat(value(scraped, "backward_seconds")).isPositive();
      assertThat(value(scraped, "average_bytes")).isGreaterThan(1e5);
      assertThat(value(scraped, "silence_seconds")).isBetween(0.0, 60.0);
      assertThat(value(scraped, "executors_native_bytes")).isGreaterThan(1e7);

      assertThat(get(ui, "/metrics/executors/prometheus"))
          .contains("executor_id=\"0\"")
          .contains("executor_id=\"1\"");
      assertJmx(jmx);
      assertThat(get(ui, "/api/v1/applications/" + application(ui) + "/jobs"))
          .contains("step 1: shards, embed", "step 1: backward, average")
          .contains("\"jobGroup\" : \"file:" + directory.resolve("run"));
    } finally {
      training.kill();
    }
  }

  @Test
  void runsOfASweepThatTrainAtTheSameTimeHaveFiguresOfTheirOwn() throws Exception {
    int ui = freePort();
    List<String> runs = List.of("temperature_0_1_seed_1", "temperature_0_5_seed_1");
    SimclrProcess sweep =
        start(
            options(ui),
            "sweep",
            "--grid",
            "loss.temperature=0.1,0.5",
            "--parallel",
            "2",
            "--master",
            "local[2]");
    try {
      String scraped =
          await(
              sweep,
              ui,
              "/metrics/prometheus",
              text -> runs.stream().allMatch(run -> value(text, "step_run_" + run) >= 1));
      Set<String> ofRuns = new TreeSet<>(documented("The driver's"));
      ofRuns.removeIf(name -> name.equals("running") || name.startsWith("executors"));
      for (String run : runs) {
        assertThat(names(EXPORTED, scraped))
            .filteredOn(name -> name.endsWith("_run_" + run))
            .containsExactlyInAnyOrderElementsOf(
                ofRuns.stream().map(name -> name + "_run_" + run).toList());
      }
      // At a low temperature the same embeddings have the greater loss.
      assertThat(value(scraped, "loss_run_" + runs.get(0)))
          .isNotEqualTo(value(scraped, "loss_run_" + runs.get(1)));
      assertThat(value(scraped, "running")).isEqualTo(2);
      assertThat(value(scraped, "loss")).isNaN();
      assertThat(value(scraped, "silence_seconds")).isBetween(0.0, 60.0);
    } finally {
      sweep.kill();
    }
  }

  @Test
  void theExecutorsFiguresAreDocumented() throws IOException {
    Path source =
        SimclrProcess.repository()
            .resolve("driver/src/main/java/org/simclrspark/driver/metrics/ReportingExecutor.java");
    Set<String> registered =
        names(Pattern.compile("gauge\\(registry, \"(\\w+)\""), Files.readString(source, UTF_8));
    assertThat(registered).isNotEmpty().isEqualTo(documented("Each executor's"));
  }

  /** The other process is ours. Asks the registry: a jar of the tests sets a JNDI factory. */
  @SuppressWarnings("BanJNDI")
  private static void assertJmx(int port) throws Exception {
    RMIServer server = (RMIServer) LocateRegistry.getRegistry("127.0.0.1", port).lookup("jmxrmi");
    try (RMIConnector connector = new RMIConnector(server, null)) {
      connector.connect();
      Set<ObjectName> found =
          connector
              .getMBeanServerConnection()
              .queryNames(new ObjectName("metrics:name=*SimclrPlugin.loss,*"), null);
      assertThat(found).hasSize(1);
      Object loss =
          connector.getMBeanServerConnection().getAttribute(found.iterator().next(), "Value");
      assertThat((Double) loss).isBetween(0.1, 20.0);
    }
  }

  private SimclrProcess start(List<String> options, String... command) throws IOException {
    Path conf =
        TinyTraining.configuration(
            directory,
            "train { shards = 2, epochs = 20 }",
            "data.test = \"" + TinyTraining.images() + "\"");
    return SimclrProcess.start(
        directory,
        options,
        Stream.concat(
                Stream.of(command),
                Stream.of("--conf", conf.toString(), "--run", directory.resolve("run").toString()))
            .toList());
  }

  /** What spark-defaults.conf says of metrics, with the UI on a port. */
  private static List<String> options(int ui) throws IOException {
    Stream<String> settings =
        Files.readAllLines(SimclrProcess.repository().resolve("deploy/spark-defaults.conf"))
            .stream()
            .filter(line -> line.matches("spark\\.(plugins|metrics|ui)\\b.*"))
            .map(line -> line.strip().split("\\s+", 2))
            .map(setting -> "-D" + setting[0] + "=" + setting[1]);
    return Stream.concat(settings, Stream.of("-Dspark.ui.enabled=true", "-Dspark.ui.port=" + ui))
        .toList();
  }

  private static List<String> jmx(int port) {
    return List.of(
        "-Dcom.sun.management.jmxremote.port=" + port,
        "-Dcom.sun.management.jmxremote.host=127.0.0.1",
        "-Djava.rmi.server.hostname=127.0.0.1",
        "-Dcom.sun.management.jmxremote.authenticate=false",
        "-Dcom.sun.management.jmxremote.ssl=false");
  }

  private static String await(
      SimclrProcess training, int port, String path, Predicate<String> isThere) throws Exception {
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (true) {
      String text = training.isAlive() ? get(port, path) : "";
      if (isThere.test(text)) {
        return text;
      }
      if (!training.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("No such figures:\n" + text + "\n" + training.output());
      }
      Thread.sleep(POLL_MILLISECONDS);
    }
  }

  private static String application(int port) throws Exception {
    return Pattern.compile("\"id\" : \"([^\"]+)\"")
        .matcher(get(port, "/api/v1/applications"))
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  /** Empty where nothing answers yet. */
  private static String get(int port, String path) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    try {
      HttpResponse<String> response =
          // Jetty sends what lacks a slash at the end on to what has it.
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NORMAL)
              .build()
              .send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
      return response.statusCode() == 200 ? response.body() : "";
    } catch (IOException notUpYet) {
      return "";
    }
  }

  private static double value(String scraped, String name) {
    return EXPORTED
        .matcher(scraped)
        .results()
        .filter(metric -> metric.group(1).equals(name))
        .mapToDouble(metric -> Double.parseDouble(metric.group(2)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static Set<String> documented(String section) throws IOException {
    String text =
        Files.readString(SimclrProcess.repository().resolve("deploy/monitoring/README.md"), UTF_8);
    int from = text.indexOf("## " + section);
    int to = text.indexOf("\n## ", from + 1);
    return names(DOCUMENTED, text.substring(from, to < 0 ? text.length() : to));
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
