package org.simclrspark.driver.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;
import scala.Tuple2;

/** Why Spark did not start, with the setting of the cluster or the user that it was about. */
final class StartFailure {

  /** Values shorter than this stand in messages by chance. */
  private static final int SHORTEST_VALUE = 5;

  private static final Set<String> OF_EVERY_APPLICATION =
      Set.of("spark.app.name", "spark.master", "spark.jars", "spark.repl.local.jars");

  private StartFailure() {}

  /**
   * The failure in words for whoever gave the setting, or itself where no setting is to blame.
   *
   * @param conf that Spark was to start with
   */
  static RuntimeException of(SparkConf conf, RuntimeException failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String said = String.valueOf(deepest.getMessage());
    String about = about(conf, said);
    if (about.isEmpty()) {
      return failure;
    }
    return new ConfigurationException(
        "Spark must start with the settings that it is given, but does not: "
            + Secrets.redact(said.lines().findFirst().orElse(deepest.toString()))
            + ". "
            + about);
  }

  private static String about(SparkConf conf, String said) {
    List<String> settings = new ArrayList<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      String key = setting._1();
      String value = setting._2();
      boolean named = value.length() >= SHORTEST_VALUE && said.contains(value);
      if ((named || said.contains(key)) && !OF_EVERY_APPLICATION.contains(key)) {
        settings.add(key + "=" + Secrets.redact(value));
      }
    }
    if (!settings.isEmpty()) {
      return "That is "
          + String.join(", ", settings)
          + ". Correct it where it is set, or give another value by -- --conf.";
    }
    // Spark takes no underscores in the name of a machine, which Docker and people like.
    return said.startsWith("Invalid Spark URL")
        ? "Spark takes this machine's name for no name of a host. Give another name or the address"
            + " by -- --conf spark.driver.host=ADDRESS."
        : "";
  }
}
