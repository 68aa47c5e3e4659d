package org.simclrspark.driver.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.simclrspark.driver.config.ConfigurationException;

/** The version of Spark that this application runs on. */
public final class SparkRelease {

  /** Profiles of resources for one stage, without dynamic allocation, came with 3.5.1. */
  private static final int OLDEST_PATCH = 1;

  /** Vendors append to the version, such as 3.5.1-amzn-0 or 3.5.2.3.3.7190.0-91. */
  private static final Pattern SUPPORTED = Pattern.compile("3\\.5\\.(\\d+)([.-].*)?");

  private SparkRelease() {}

  /** Refuses another version of Spark or Scala. */
  public static void require() {
    require(
        org.apache.spark.package$.MODULE$.SPARK_VERSION(),
        scala.util.Properties.versionNumberString());
  }

  static void require(String spark, String scala) {
    Matcher version = SUPPORTED.matcher(spark);
    if (!version.matches() || Integer.parseInt(version.group(1)) < OLDEST_PATCH) {
      throw new ConfigurationException(
          "SPARK_HOME: Spark must be 3.5.1 to 3.5.x, found "
              + spark
              + ". Install such a distribution, or unset SPARK_HOME to run Spark embedded.");
    }
    if (!scala.startsWith("2.12.")) {
      throw new ConfigurationException(
          "SPARK_HOME: Spark must be the build for Scala 2.12, found "
              + scala
              + ". Install the one without scala2.13 in its name.");
    }
  }
}
