package org.simclrspark.driver.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkException;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;
import scala.collection.JavaConverters;

/**
 * What {@code spark-submit} makes of its options, with its properties file or {@code
 * spark-defaults.conf} behind them.
 */
public final class SubmitOptions {

  private final SparkSubmitArguments arguments;

  private SubmitOptions(SparkSubmitArguments arguments) {
    this.arguments = arguments;
  }

  /**
   * Reads them as spark-submit does.
   *
   * @param options of spark-submit alone, without the application and its arguments
   * @throws ConfigurationException if spark-submit would refuse them
   */
  public static SubmitOptions parse(List<String> options) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--class", "main", "application.jar"));
    try {
      return new SubmitOptions(
          new SparkSubmitArguments(
              JavaConverters.asScalaBuffer(all).toSeq(), scala.sys.package$.MODULE$.env()));
    } catch (Exception e) {
      // Scala declares no checked exceptions.
      if (e instanceof SparkException || e instanceof IllegalArgumentException) {
        throw new ConfigurationException(
            "The options behind -- must be those of spark-submit: "
                + Secrets.redact(e.getMessage())
                + " Correct them; spark-submit --help lists them.");
      }
      throw e;
    }
  }

  /** Whether the driver runs on the cluster, and not where the command was given. */
  public boolean isClusterMode() {
    return "cluster".equals(arguments.deployMode());
  }

  /** The heap of the driver, such as {@code 4g}, where anything sets it. */
  public Optional<String> driverMemory() {
    return Optional.ofNullable(arguments.driverMemory());
  }

  /** More jars than the application's own, separated by commas; may be empty. */
  public String jars() {
    return orEmpty(arguments.jars());
  }

  /** More options for the driver's JVM; may be empty. */
  public String driverJavaOptions() {
    return orEmpty(arguments.driverExtraJavaOptions());
  }

  /** More of the driver's class path; may be empty. */
  public String driverClassPath() {
    return orEmpty(arguments.driverExtraClassPath());
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /** Settings of Spark by name. */
  public Map<String, String> properties() {
    return JavaConverters.mapAsJavaMap(arguments.sparkProperties());
  }
}
