package org.simclrspark.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.internal.config.ConfigEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What admins deploy: every file can be read by what it is for, and says what the others say. */
class DeployFilesTest {

  private static final Path KUBERNETES = Project.DEPLOY.resolve("kubernetes");
  private static final Set<String> OPERATOR =
      Set.of("SparkApplication", "ScheduledSparkApplication");

  /** Some that SparkSubmitOperator has, in 4.8 of Airflow's provider and in 2026. */
  private static final List<String> OPERATORS_ARGUMENTS =
      List.of(
          "task_id",
          "conn_id",
          "name",
          "application",
          "application_args",
          "java_class",
          "jars",
          "driver_class_path",
          "properties_file",
          "deploy_mode",
          "conf",
          "env_vars",
          "proxy_user");

  private static final YAMLMapper YAML = new YAMLMapper();

  @TempDir Path directory;

  static List<Path> yamlFiles() throws IOException {
    try (Stream<Path> files = Files.walk(KUBERNETES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    return YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile()).readAll();
  }

  private static JsonNode document(String file) throws IOException {
    return documents(KUBERNETES.resolve(file)).get(0);
  }

  @ParameterizedTest
  @MethodSource("yamlFiles")
  void resourcesHaveTheFieldsOfTheirKinds(Path file) throws IOException {
    for (JsonNode resource : documents(file)) {
      String kind = resource.get("kind").asText();
      if (kind.equals("Kustomization")) {
        assertKustomization(file.getParent(), resource);
      } else if (OPERATOR.contains(kind)) {
        assertSparkApplication(resource);
      } else if (kind.equals("PodMonitor")) {
        assertThat(StrictResource.unknownFields(resource, PodMonitor.class)).isEmpty();
      } else {
        assertThat(StrictResource.unknownFields(resource)).isEmpty();
      }
    }
  }

  private static void assertKustomization(Path folder, JsonNode kustomization) {
    assertThat(kustomization.fieldNames())
        .toIterable()
        .isSubsetOf(
            "apiVersion",
            "kind",
            "namespace",
            "resources",
            "patches",
            "configMapGenerator",
            "generatorOptions");
    kustomization
        .path("resources")
        .forEach(name -> assertThat(folder.resolve(name.asText())).exists());
    kustomization
        .path("configMapGenerator")
        .forEach(
            map ->
                map.get("files")
                    .forEach(name -> assertThat(folder.resolve(name.asText())).exists()));
  }

  private static void assertSparkApplication(JsonNode resource) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
            .getSchema(DeployFilesTest.class.getResourceAsStream("/spark-application.schema.json"));
    assertThat(schema.validate(resource)).isEmpty();
    JsonNode spec = resource.get("spec");
    JsonNode application = spec.path("template").isMissingNode() ? spec : spec.get("template");
    assertEach(application.get("volumes"), Volume.class);
    for (String name : List.of("driver", "executor")) {
      JsonNode pod = application.get(name);
      assertEach(pod.get("env"), EnvVar.class);
      assertEach(pod.get("volumeMounts"), VolumeMount.class);
      assertThat(StrictResource.unknownFields(pod.get("securityContext"), SecurityContext.class))
          .isEmpty();
      assertThat(
              StrictResource.unknownFields(pod.get("podSecurityContext"), PodSecurityContext.class))
          .isEmpty();
      List<String> mounted = new ArrayList<>(pod.get("volumeMounts").findValuesAsText("mountPath"));
      // Spark's own mount: one more at its path, and the API refuses the pod.
      mounted.add(application.get("sparkConf").path("spark.local.dir").asText());
      assertThat(mounted).doesNotHaveDuplicates();
      assertThat(pod.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(pod.at("/podSecurityContext/runAsNonRoot").asBoolean()).isTrue();
    }
  }

  private static void assertEach(JsonNode list, Class<?> type) {
    list.forEach(item -> assertThat(StrictResource.unknownFields(item, type)).isEmpty());
  }

  @Test
  void noTwoFiringsOverlapAndHistoriesEnd() throws IOException {
    JsonNode scheduled = document("overlays/operator/scheduled-spark-application.yaml").get("spec");
    assertThat(scheduled.get("concurrencyPolicy").asText()).isEqualTo("Forbid");
    assertThat(scheduled.get("successfulRunHistoryLimit").asInt()).isPositive();
    assertThat(scheduled.get("failedRunHistoryLimit").asInt()).isPositive();
    JsonNode cron = document("overlays/cronjob/cron-job.yaml").get("spec");
    assertThat(cron.get("concurrencyPolicy").asText()).isEqualTo("Forbid");
    assertThat(cron.get("timeZone").asText()).isEqualTo(scheduled.get("timeZone").asText());
  }

  /** What is set for the CronJob is set for the operator, which has other fields for the pods. */
  @Test
  void everyWayIntoKubernetesHasTheSameSettings() throws IOException {
    Map<String, String> shared = new HashMap<>();
    for (String line : Files.readAllLines(KUBERNETES.resolve("base/spark.conf"))) {
      if (!line.startsWith("#")
          && !line.matches(
              "spark\\.(kubernetes\\.|driver\\.memory|executor\\.(instances|cores|memory)).*")) {
        String[] setting = line.split("\\s+", 2);
        shared.put(setting[0], setting[1]);
      }
    }
    for (JsonNode application : applications()) {
      assertThat(settings(application)).containsExactlyInAnyOrderEntriesOf(shared);
    }
  }

  /** A task that wants a GPU finds one: Spark refuses to start where executors have none. */
  @Test
  void theOverlayForGpusTellsSparkOfThem() throws IOException {
    JsonNode overlay = document("overlays/gpu/kustomization.yaml");
    for (JsonNode application : applications()) {
      String kind = application.get("kind").asText();
      for (JsonNode patch : overlay.get("patches")) {
        if (patch.at("/target/kind").asText().equals(kind)) {
          JsonNode patched =
              JsonPatch.apply(YAML.readTree(patch.get("patch").asText()), application);
          assertSparkApplication(patched);
          assertThat(settings(patched))
              .containsEntry("spark.task.resource.gpu.amount", "1")
              .containsEntry("spark.executor.resource.gpu.amount", "1")
              .containsEntry("spark.executor.resource.gpu.vendor", "nvidia.com");
        }
      }
    }
  }

  private static List<JsonNode> applications() throws IOException {
    return List.of(
        document("overlays/operator/spark-application.yaml"),
        document("overlays/operator/scheduled-spark-application.yaml"));
  }

  private static Map<String, String> settings(JsonNode application) {
    return YAML.convertValue(
        application.findValue("sparkConf"), new TypeReference<Map<String, String>>() {});
  }

  /** The application's own command line and configuration accept what the files give them. */
  @Test
  void commandsInFilesAreUnderstood() throws Exception {
    List<List<String>> commands = new ArrayList<>();
    JsonNode once = document("overlays/operator/spark-application.yaml").get("spec");
    JsonNode night =
        document("overlays/operator/scheduled-spark-application.yaml").at("/spec/template");
    JsonNode cron = document("overlays/cronjob/cron-job.yaml");
    commands.add(texts(once.get("arguments")));
    commands.add(texts(night.get("arguments")));
    List<String> submit = texts(cron.at("/spec/jobTemplate/spec/template/spec/containers/0/args"));
    commands.add(submit.subList(submit.indexOf("pretrain"), submit.size()));
    String service = Files.readString(Project.DEPLOY.resolve("systemd/simclr-pretrain.service"));
    String start =
        service.lines().filter(line -> line.startsWith("ExecStart=")).findFirst().orElseThrow();
    List<String> words = Arrays.asList(start.split(" ", -1));
    commands.add(words.subList(1, words.size()));
    for (List<String> command : commands) {
      List<String> local = new ArrayList<>(command);
      local.replaceAll(
          word ->
              word.equals("/etc/simclr/my.conf")
                  ? KUBERNETES.resolve("base/my.conf").toString()
                  : word);
      assertThat(local).contains("pretrain");
      try (Command check = launch(local)) {
        assertThat(check.succeeds().output()).contains("simclr.threads=8");
      }
    }
  }

  private Command launch(List<String> command) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Project.ROOT.resolve("driver/target/app") + "/*:" + Project.SPARK_HOME + "/jars/*",
                "org.simclrspark.driver.cli.Launch"));
    all.addAll(command);
    return Command.start(directory, Map.of(), all);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Spark knows every setting by name. */
  @Test
  void settingsOfSparkExist() throws Exception {
    for (String holder : List.of("package", "UI", "Network", "deploy.k8s.Config")) {
      String packages =
          holder.contains(".") ? "org.apache.spark." : "org.apache.spark.internal.config.";
      Class.forName(packages + holder + "$");
    }
    for (Path file :
        List.of(
            Project.DEPLOY.resolve("spark-defaults.conf"), KUBERNETES.resolve("base/spark.conf"))) {
      for (String line : Files.readAllLines(file)) {
        String setting = line.replaceFirst("^#(?=spark\\.)", "");
        if (!setting.startsWith("spark.")) {
          assertThat(setting).matches("#.*|");
        } else if (!setting.contains("secretKeyRef")
            && !setting.matches("spark\\.(metrics\\.conf|local\\.dir).*")) {
          String name = setting.split("\\s+", 2)[0];
          assertThat(ConfigEntry.findEntry(name)).as(name).isNotNull();
          assertThat(setting.split("\\s+", 2)[1]).isNotBlank();
        }
      }
    }
  }

  @Test
  void theImageRunsAsNobodyAndCopiesWhatThereIs() throws IOException {
    List<String> lines = Files.readAllLines(KUBERNETES.resolve("Containerfile"), UTF_8);
    assertThat(lines.stream().filter(line -> line.startsWith("USER ")).toList())
        .containsExactly("USER root", "USER 185", "USER 185");
    assertThat(lines.stream().filter(line -> line.matches("FROM .* AS (cpu|cuda)"))).hasSize(2);
    for (String line : lines) {
      if (line.startsWith("COPY ") && !line.contains("--from")) {
        assertThat(Project.ROOT.resolve(line.split(" ", -1)[1])).exists();
      }
    }
  }

  @Test
  void theQueuesOfYarnShareTheCluster() {
    Configuration queues = new Configuration(false);
    queues.addResource(
        new org.apache.hadoop.fs.Path(
            Project.DEPLOY.resolve("yarn/capacity-scheduler.xml").toUri()));
    String root = "yarn.scheduler.capacity.root.";
    float shares = 0;
    for (String queue : queues.getStrings(root + "queues")) {
      shares += queues.getFloat(root + queue + ".capacity", 0);
    }
    assertThat(shares).isEqualTo(100f);
  }

  @Test
  void theDagIsPython() throws Exception {
    assumeThat(Path.of("/usr/bin/python3")).exists();
    Path dag = Project.DEPLOY.resolve("airflow/simclr_pretraining.py");
    try (Command parse =
        Command.start(
            directory,
            Map.of(),
            List.of(
                "python3",
                "-c",
                """
                import ast, sys
                for call in ast.walk(ast.parse(open(sys.argv[1]).read())):
                    if getattr(getattr(call, "func", None), "id", "") == "SparkSubmitOperator":
                        print(*(keyword.arg for keyword in call.keywords))
                """,
                dag.toString()))) {
      assertThat(parse.succeeds().output().split("\\s+"))
          .contains("application", "application_args")
          .isSubsetOf(OPERATORS_ARGUMENTS);
    }
    assertThat(Files.readString(dag)).contains("\"--run\"", "max_active_runs=1", "\"retries\"");
  }

  @Test
  void theTimerStartsTheService() throws IOException {
    String timer = Files.readString(Project.DEPLOY.resolve("systemd/simclr-pretrain.timer"));
    String service = Files.readString(Project.DEPLOY.resolve("systemd/simclr-pretrain.service"));
    for (String unit : List.of(timer, service)) {
      assertThat(unit.lines().filter(line -> !line.isBlank() && !line.startsWith("#")))
          .allMatch(line -> line.matches("\\[[A-Z][a-z]+]|[A-Z][A-Za-z]+=.+"));
    }
    assertThat(timer).contains("OnCalendar=", "Persistent=true", "WantedBy=timers.target");
    assertThat(service)
        .contains("SuccessExitStatus=75 143", "RestartPreventExitStatus=2 3", "HADOOP_CONF_DIR=");
  }
}
