package org.simclrspark.driver.cluster;

import org.apache.spark.util.Utils;
import scala.collection.JavaConverters;

/**
 * A file of Spark's settings for embedded Spark, as {@code spark-submit --properties-file} reads
 * it.
 */
public final class PropertiesFile {

  private static final String GIVEN = "simclr.properties-file";

  private PropertiesFile() {}

  /**
   * Makes the settings those of this process, where none are set yet: {@code SparkConf} takes them
   * from there, and no list of processes shows them.
   */
  public static void apply() {
    String file = System.getProperty(GIVEN);
    if (file == null) {
      return;
    }
    JavaConverters.mapAsJavaMap(Utils.getPropertiesFromFile(file))
        .forEach(
            (name, value) -> {
              if (name.startsWith("spark.") && System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
  }
}
