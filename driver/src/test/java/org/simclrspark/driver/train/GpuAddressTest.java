package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;

/**
 * GPU addresses on their way from the driver's tool through the discovery script, Spark's worker
 * and its executors to tasks. The tool is a stand-in: the machine needs no GPU.
 */
class GpuAddressTest {

  @TempDir Path directory;

  @Test
  void tasksComputeOnTheGpuOfTheirExecutorAndNameAnUnsupportedOne() throws Exception {
    SimclrProcess job = start(GpuJob.class, 1, List.of("9", "0"));
    assertThat(job.exitStatus()).as(job.output()).isNotZero();

    List<String> lines = job.output().lines().filter(line -> line.contains(" on GPU ")).toList();
    assertThat(lines).as(job.output()).hasSize(2);
    assertThat(lines.get(0)).startsWith("executor 0 on GPU ");
    assertThat(lines.get(1)).startsWith("executor 1 on GPU ");
    assertThat(lines)
        .extracting(line -> line.substring(line.lastIndexOf(' ') + 1))
        .containsExactlyInAnyOrder("3", "5");

    assertThat(job.output())
        .containsPattern(
            "nd4j-cuda 11.6 runs on compute capability 3.7 to 8.9; GPU [35] is 9.0. Use another");
  }

  /** An executor with several GPUs: an engine that waits in the pool is of no use on another. */
  @Test
  void enginesStayOnTheirGpu() throws Exception {
    SimclrProcess job = start(GpuEnginesJob.class, 2, List.of());
    assertThat(job.exitStatus()).as(job.output()).isZero();
    List<String> lines = job.output().lines().filter(line -> line.contains(" on GPU ")).toList();
    assertThat(lines).hasSize(24);
    Set<String> pairs = new TreeSet<>(lines);
    assertThat(pairs).as(job.output()).hasSize(2);
    assertThat(pairs).extracting(pair -> pair.split(" ", -1)[1]).doesNotHaveDuplicates();
  }

  private SimclrProcess start(Class<?> main, int ofExecutor, List<String> arguments)
      throws IOException {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    Path tool =
        Files.writeString(
            tools.resolve("nvidia-smi"),
            "#!/bin/sh\necho 'GPU 3: Card (UUID: GPU-3)'\necho 'GPU 5: Card (UUID: GPU-5)'\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    Map<String, String> environment = Map.of("PATH", tools + ":" + System.getenv("PATH"));
    Path script = SimclrProcess.repository().resolve("deploy/gpu-discovery.sh");
    List<String> options = new ArrayList<>();
    options.add("-Dmaster=local-cluster[1,2,1024]");
    options.add("-Dspark.executor.cores=" + ofExecutor);
    options.add("-Dspark.executor.memory=512m");
    options.add("-Dspark.worker.resource.gpu.amount=2");
    options.add("-Dspark.worker.resource.gpu.discoveryScript=" + script);
    options.add("-Dspark.executor.resource.gpu.amount=" + ofExecutor);
    options.add("-Dspark.executor.resource.gpu.discoveryScript=" + script);
    options.add("-Dspark.task.resource.gpu.amount=1");
    return SimclrProcess.start(directory, options, main.getName(), arguments, environment);
  }
}
