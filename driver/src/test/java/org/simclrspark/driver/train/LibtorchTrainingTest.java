package org.simclrspark.driver.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.driver.SimclrProcess;
import org.simclrspark.driver.TinyTraining;
import org.simclrspark.driver.report.Summary;

/** Trainings on libtorch, whose code is the same on CPUs and on GPUs. */
@Tag("slow")
class LibtorchTrainingTest {

  @TempDir Path directory;

  @Test
  void oneAndTwoExecutorsEndInTheSameBits() throws Exception {
    Map<String, Object> one = train("one-executor", "local-cluster[1,1,1200]", "libtorch");
    Map<String, Object> two = train("two-executors", "local-cluster[2,1,1200]", "libtorch");
    assertThat((String) one.get(Summary.PARAMETERS_SHA256)).hasSize(64);
    assertThat(two.get(Summary.PARAMETERS_SHA256)).isEqualTo(one.get(Summary.PARAMETERS_SHA256));

    // Another library's bits, and the same function.
    Map<String, Object> other = train("onednn", "local[1]", "onednn");
    assertThat(other.get(Summary.PARAMETERS_SHA256))
        .isNotEqualTo(one.get(Summary.PARAMETERS_SHA256));
    double loss = (Double) other.get("loss_first");
    assertThat((Double) one.get("loss_first")).isCloseTo(loss, offset(1e-4 * loss));
  }

  @Test
  void aBuildWithoutItsNativesSaysHowToGetThem() throws Exception {
    SimclrProcess process =
        SimclrProcess.start(directory, List.of(), arguments("without", "local[1]", "libtorch"));
    assertThat(process.exitStatus()).as(process.output()).isEqualTo(1);
    assertThat(process.output())
        .contains("worker.engine=libtorch needs libtorch's natives, found none on the class path.")
        .contains("mvn -Plibtorch clean package")
        .doesNotContain("\tat ");
  }

  private Map<String, Object> train(String name, String master, String engine) throws Exception {
    SimclrProcess process =
        SimclrProcess.startWithLibtorch(directory, arguments(name, master, engine));
    assertThat(process.exitStatus()).as(process.output()).isZero();
    if (engine.equals("libtorch")) {
      assertThat(process.output())
          .containsPattern(
              "The encoder is computed by libtorch 2\\.\\S+ on the CPU, float32, deterministic");
    }
    return Summary.read(
            new org.apache.hadoop.fs.Path(directory.resolve(name).toString()), new Configuration())
        .orElseThrow()
        .values();
  }

  private List<String> arguments(String name, String master, String engine) throws Exception {
    Path conf =
        TinyTraining.configuration(
            directory,
            "train.steps = 3",
            "checkpoint.every-steps = 1",
            "worker.engine = " + engine);
    return List.of(
        "pretrain",
        "--conf",
        conf.toString(),
        "--master",
        master,
        "--run",
        directory.resolve(name).toString());
  }
}
