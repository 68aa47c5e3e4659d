package org.simclrspark.driver.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.config.SimclrConfig;

class ExecutorFitTest {

  private static final SimclrConfig LARGE =
      SimclrConfig.of(
          "data.train=x",
          "train.batch=4096",
          "train.shards=4",
          "train.micro-batch=32",
          "augment.size=224",
          "worker.activation-memory=4g");

  @Test
  void tooLittleHeapAndOverheadAreToldWithWhatToGive() {
    assertThat(ExecutorFit.lacks(LARGE, spark("yarn")))
        .satisfiesExactly(
            heap ->
                assertThat(heap)
                    .startsWith("spark.executor.memory should be about ")
                    .contains("found 1024 MiB. Give --executor-memory "),
            overhead ->
                assertThat(overhead)
                    .startsWith("spark.executor.memoryOverhead should be about ")
                    .contains("found 384 MiB")
                    .contains("Give --conf spark.executor.memoryOverhead="));
  }

  @Test
  void whatIsAskedForAsToldIsEnough() {
    SparkConf told = spark("yarn");
    for (String lack : ExecutorFit.lacks(LARGE, told)) {
      String size = lack.replaceAll(".*(?:memory |Overhead=)(\\d+m).*", "$1");
      told.set(lack.substring(0, lack.indexOf(' ')), size);
    }

    assertThat(told.get("spark.executor.memory")).endsWith("m");
    assertThat(ExecutorFit.lacks(LARGE, told)).isEmpty();
  }

  @Test
  void aStandaloneClusterHasNoLimitBesideTheHeapAndAnEmbeddedOneHasNone() {
    assertThat(
            ExecutorFit.lacks(LARGE, spark("spark://host:7077").set("spark.executor.memory", "8g")))
        .isEmpty();
    assertThat(ExecutorFit.lacks(LARGE, spark("local[2]"))).isEmpty();
  }

  @Test
  void weightsOfEnginesForCpusNeedHeapAndThoseOnGpusDoNot() {
    SimclrConfig config =
        SimclrConfig.of("data.train=x", "train.batch=256", "train.shards=4", "worker.threads=1");
    SparkConf cpus = spark("spark://host:7077").set("spark.executor.cores", "4");

    assertThat(ExecutorFit.lacks(config, cpus))
        .singleElement()
        .asString()
        .startsWith("spark.executor.memory should be about ");
    assertThat(ExecutorFit.lacks(config, cpus.set("spark.task.resource.gpu.amount", "1")))
        .isEmpty();
  }

  private static SparkConf spark(String master) {
    return new SparkConf(false).setMaster(master);
  }
}
