package org.simclrspark.driver;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** One Spark context in this JVM for all tests of the module that do not need their own. */
public final class LocalSpark {

  private static JavaSparkContext context;

  private LocalSpark() {}

  /** The context; it ends with the JVM. */
  public static synchronized JavaSparkContext context() {
    if (context == null) {
      context =
          new JavaSparkContext(
              new SparkConf()
                  .setMaster("local[2]")
                  .setAppName("tests")
                  .set("spark.ui.enabled", "false")
                  // As the application sets it.
                  .set("spark.shuffle.compress", "false")
                  .set("spark.driver.host", "127.0.0.1"));
      context.setLogLevel("ERROR");
    }
    return context;
  }
}
