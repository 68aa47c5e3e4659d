package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import okhttp3.mockwebserver.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code spark-submit} against Kubernetes' API: the pods that would run. */
class KubernetesTest {

  private static final String NAMESPACE = "pretraining";
  private static final int PATIENCE_SECONDS = 120;
  private static final Logger REQUESTS = Logger.getLogger(MockWebServer.class.getName());

  @TempDir Path directory;

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(), new MockWebServer(), new HashMap<>(), new ApplyingDispatcher(), false);

  @BeforeEach
  void start() {
    REQUESTS.setLevel(Level.WARNING);
    server.init();
  }

  @AfterEach
  void stop() {
    server.destroy();
  }

  @Test
  void theDriverPodIsRight() throws Exception {
    try (var kubernetes = server.createClient();
        Command submit = submit("k8s://http://" + server.getHostName() + ":" + server.getPort())) {
      submit.succeeds();
      List<Pod> pods = kubernetes.pods().inNamespace(NAMESPACE).list().getItems();
      assertThat(pods).hasSize(1);
      Pod driver = pods.get(0);
      assertThat(driver.getSpec().getServiceAccountName()).isEqualTo("simclr");
      assertThat(driver.getSpec().getVolumes())
          .filteredOn(volume -> volume.getName().equals("data"))
          .extracting(Volume::getPersistentVolumeClaim)
          .extracting("claimName")
          .containsExactly("images");
      Container container = driver.getSpec().getContainers().get(0);
      assertThat(container.getImage()).isEqualTo("registry.example/simclr-spark:1");
      assertThat(container.getArgs())
          .containsSubsequence(
              "driver",
              "--class",
              "org.simclrspark.driver.cli.Main",
              "pretrain",
              "--run",
              "s3a://bucket/runs/first",
              "--conf")
          .anyMatch(argument -> argument.matches("local:///opt/simclr/app/driver-.*\\.jar"))
          .anyMatch(argument -> argument.startsWith("data:application/hocon;name=my.conf;base64,"));
      assertThat(container.getResources().getRequests())
          .containsEntry("memory", new Quantity("3456Mi"))
          .containsEntry("cpu", new Quantity("2"));
      assertThat(container.getEnv())
          .filteredOn(variable -> variable.getName().startsWith("AWS_"))
          .hasSize(2)
          .allSatisfy(KubernetesTest::refersToASecret);
      assertThat(container.getVolumeMounts())
          .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo("/data"));

      ConfigMap properties =
          kubernetes.configMaps().inNamespace(NAMESPACE).list().getItems().stream()
              .filter(map -> map.getData() != null && map.getData().containsKey("spark.properties"))
              .findFirst()
              .orElseThrow();
      assertThat(properties.getData().get("spark.properties"))
          .contains("spark.executor.resource.gpu.amount=1")
          .contains("spark.executor.resource.gpu.vendor=nvidia.com")
          .containsPattern("spark\\.jars=local\\\\:///opt/simclr/app/")
          .doesNotContain("extraClassPath")
          .doesNotContain("simclr.terminal.columns");
    }
  }

  /**
   * The driver that a pod of the CronJob is, with its own command and files, asks for executors
   * that the API takes: they mount no path twice, and run as the template says.
   */
  @Test
  void theCronJobsDriverAsksForExecutors() throws Exception {
    try (var kubernetes = server.createClient();
        Command driver = Command.start(directory, Map.of(), cronJobsCommand())) {
      kubernetes
          .pods()
          .inNamespace(NAMESPACE)
          .resource(new PodBuilder().withNewMetadata().withName("job-1").endMetadata().build())
          .create();
      List<Pod> executors = new ArrayList<>();
      Await.until(
          "executors",
          PATIENCE_SECONDS,
          () -> {
            assertThat(driver.isAlive()).as(driver.output()).isTrue();
            return executors.addAll(executors(kubernetes));
          });
      Pod executor = executors.get(0);
      assertThat(executor.getMetadata().getOwnerReferences())
          .extracting(OwnerReference::getName)
          .containsExactly("job-1");
      assertThat(executor.getSpec().getServiceAccountName()).isEqualTo("simclr-executor");
      Container container = executor.getSpec().getContainers().get(0);
      assertThat(container.getVolumeMounts())
          .extracting(VolumeMount::getMountPath)
          .doesNotHaveDuplicates()
          .contains("/tmp", "/opt/spark/work-dir");
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getEnv())
          .filteredOn(variable -> variable.getName().startsWith("AWS_"))
          .hasSize(2)
          .allSatisfy(KubernetesTest::refersToASecret);
    }
  }

  private static List<Pod> executors(KubernetesClient kubernetes) {
    return kubernetes
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("spark-role", "executor")
        .list()
        .getItems();
  }

  /** What the image's entry point makes of the arguments, on this machine. */
  private List<String> cronJobsCommand() throws Exception {
    Path kubernetes = Project.DEPLOY.resolve("kubernetes");
    for (String name : List.of("spark.conf", "executor-pod.yaml")) {
      Files.writeString(
          directory.resolve(name), here(Files.readString(kubernetes.resolve("base/" + name))));
    }
    Project.configuration(directory, 1);
    JsonNode container =
        new YAMLMapper()
            .readTree(kubernetes.resolve("overlays/cronjob/cron-job.yaml").toFile())
            .at("/spec/jobTemplate/spec/template/spec/containers/0");
    List<String> command = new ArrayList<>();
    command.add(Project.SPARK_HOME.resolve("bin/spark-submit").toString());
    container.get("args").forEach(argument -> command.add(here(argument.asText())));
    assertThat(command.remove(1)).isEqualTo("driver");
    return command;
  }

  private String here(String text) {
    return text.replace("/etc/simclr", directory.toString())
        .replace("local:///opt/simclr/app", Project.ROOT.resolve("driver/target/app").toString())
        .replace("/opt/simclr/app", Project.ROOT.resolve("driver/target/app").toString())
        .replace(
            "https://kubernetes.default.svc",
            "http://" + server.getHostName() + ":" + server.getPort())
        .replace("$(SPARK_DRIVER_BIND_ADDRESS)", "127.0.0.1")
        .replace("$(POD_NAME)", "job-1")
        .replace("s3a://BUCKET/runs", directory.resolve("runs").toString());
  }

  private static void refersToASecret(EnvVar variable) {
    assertThat(variable.getValue()).isNull();
    assertThat(variable.getValueFrom().getSecretKeyRef().getName()).isEqualTo("s3-keys");
  }

  private Command submit(String master) throws Exception {
    String gpu = "spark.executor.resource.gpu.";
    String secret = "spark.kubernetes.driver.secretKeyRef.";
    String volume = "spark.kubernetes.driver.volumes.persistentVolumeClaim.data.";
    return Command.simclr(
        directory,
        Map.of(),
        "pretrain",
        "--conf",
        Project.configuration(directory, 3).toString(),
        "--run",
        "s3a://bucket/runs/first",
        "--master",
        master,
        "--",
        "--deploy-mode",
        "cluster",
        "--conf",
        "spark.kubernetes.namespace=" + NAMESPACE,
        "--conf",
        "spark.kubernetes.container.image=registry.example/simclr-spark:1",
        "--conf",
        "spark.kubernetes.authenticate.driver.serviceAccountName=simclr",
        "--conf",
        "spark.kubernetes.submission.waitAppCompletion=false",
        "--conf",
        "spark.driver.cores=2",
        "--conf",
        gpu + "amount=1",
        "--conf",
        gpu + "vendor=nvidia.com",
        "--conf",
        gpu + "discoveryScript=/opt/simclr/gpu-discovery.sh",
        "--conf",
        secret + "AWS_ACCESS_KEY_ID=s3-keys:access",
        "--conf",
        secret + "AWS_SECRET_ACCESS_KEY=s3-keys:secret",
        "--conf",
        volume + "options.claimName=images",
        "--conf",
        volume + "mount.path=/data");
  }
}
