package org.simclrspark.driver.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.prepare.Preparation;
import org.simclrspark.data.prepare.PrepareSettings;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.driver.run.TargetLock;

/** Prepares one dataset over another, now as pixels and now as files, until it is killed. */
final class PreparingProcess {

  private PreparingProcess() {}

  /**
   * @param arguments source and target
   */
  public static void main(String[] arguments) {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("prepare")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      for (int round = 0; ; round++) {
        Form form = round % 2 == 0 ? Form.RAW : Form.KEEP;
        prepare(
            spark,
            new PrepareSettings(
                DatasetSpec.train(arguments[0], "sequence"), arguments[1], 0, form, 90, true));
        if (round == 0) {
          System.out.println("warm");
        }
      }
    }
  }

  /** What the command does, once Spark runs. */
  static void prepare(JavaSparkContext spark, PrepareSettings settings) {
    Preparation preparation = Preparation.of(spark, settings);
    try (TargetLock lock =
        TargetLock.acquire(preparation.lock(), spark.hadoopConfiguration(), line -> {})) {
      preparation.run((read, done, total) -> {}, lock::ensureHeld);
    }
  }
}
