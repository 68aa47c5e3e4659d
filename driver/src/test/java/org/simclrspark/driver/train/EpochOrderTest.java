package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;

/** The order of the images, on real executors. */
@Tag("slow")
class EpochOrderTest {

  private static final int IMAGES = 2500;
  private static final int EPOCHS = 2;

  @TempDir Path directory;

  @Test
  void everyImageOnceAnEpochInAnotherOrderAndTheSameOnOneThreeAndEightExecutors() throws Exception {
    List<String> expected = orders(1);
    assertThat(expected).hasSize(EPOCHS).doesNotHaveDuplicates();
    assertThat(orders(3)).isEqualTo(expected);
    assertThat(orders(8)).isEqualTo(expected);
  }

  private List<String> orders(int executors) throws Exception {
    SimclrProcess process =
        SimclrProcess.start(
            directory,
            // All executors are there before the first task, and all get some.
            List.of(
                "-Dspark.scheduler.minRegisteredResourcesRatio=1",
                "-Dspark.scheduler.maxRegisteredResourcesWaitingTime=120s",
                "-Dspark.executor.memory=480m",
                // Twelve JVMs that live for seconds.
                "-Dspark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
            List.of(
                "bench",
                "epoch",
                "--data",
                SimclrProcess.repository()
                    .resolve("data-pipeline/sample/cifar10/data_batch_1.bin")
                    .toString(),
                "--index",
                directory.resolve("index").toString(),
                "--batch=500",
                "--shards=20",
                "--epochs=" + EPOCHS,
                "--master",
                "local-cluster[" + executors + ",1,480]"));
    assertThat(process.exitStatus()).as(process.output()).isZero();
    List<String> lines = process.output().lines().toList();
    JsonNode found = new ObjectMapper().readTree(lines.get(lines.size() - 1));
    assertThat(found.get("images").asInt()).isEqualTo(IMAGES);
    assertThat(found.get("executors").asInt()).isEqualTo(executors);
    List<String> orders = new ArrayList<>();
    for (JsonNode epoch : found.get("epochs")) {
      assertThat(epoch.get("images").asInt()).isEqualTo(IMAGES);
      assertThat(epoch.get("distinct_images").asInt()).isEqualTo(IMAGES);
      assertThat(epoch.get("bytes_shuffled").asLong()).isZero();
      orders.add(epoch.get("order_sha256").asText());
    }
    return orders;
  }
}
