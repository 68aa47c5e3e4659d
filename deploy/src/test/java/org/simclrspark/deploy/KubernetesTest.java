package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.mockwebserver.MockWebServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code spark-submit} in cluster mode against Kubernetes' API: the driver pod that would run. */
class KubernetesTest {

  private static final String NAMESPACE = "pretraining";

  @TempDir Path directory;

  @Test
  void theDriverPodIsRight() throws Exception {
    KubernetesMockServer server =
        new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new ApplyingDispatcher(), false);
    server.init();
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
    } finally {
      server.destroy();
    }
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
