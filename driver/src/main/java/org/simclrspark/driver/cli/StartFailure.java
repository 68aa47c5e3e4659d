package org.simclrspark.driver.cli;

import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.Secrets;
import scala.Tuple2;

/**
 * Spark did not start: the cluster could not be reached, and may be another time. A setting that
 * keeps it from starting is a {@link ConfigurationException} instead.
 */
final class StartFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Values shorter than this stand in messages by chance. */
  private static final int SHORTEST_VALUE = 5;

  private static final String STANDALONE = "spark://";
  private static final Set<String> OF_EVERY_APPLICATION =
      Set.of("spark.app.name", "spark.master", "spark.jars", "spark.repl.local.jars");

  private StartFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The failure in words for whoever gave the setting that is to blame, or the master; or itself
   * where neither is.
   *
   * @param conf that Spark was to start with
   */
  static RuntimeException of(SparkConf conf, RuntimeException failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String said = String.valueOf(deepest.getMessage());
    String master = conf.get("spark.master", "");
    // Spark gives up a standalone master in another thread, and then misses what that has taken
    // away.
    boolean givenUp = deepest instanceof NullPointerException && master.startsWith(STANDALONE);
    if (givenUp || isOfNetwork(deepest)) {
      return unreached(master, givenUp ? "" : " (" + firstLine(deepest) + ")", failure);
    }
    String about = about(conf, said);
    if (about.isEmpty()) {
      return failure;
    }
    ConfigurationException told =
        new ConfigurationException(
            "Spark must start with the settings that it is given, but does not: "
                + firstLine(deepest)
                + ". "
                + about);
    told.initCause(failure);
    return told;
  }

  /** A context whose standalone master never answered; Spark stops it in a thread of its own. */
  static boolean isGivenUp(SparkContext spark) {
    return spark.master().startsWith(STANDALONE)
        && spark.applicationId().startsWith("spark-application-");
  }

  static StartFailure unreached(String master, String reason, Throwable cause) {
    return new StartFailure(
        "Spark must reach the cluster at "
            + master
            + " and what its settings name, but does not"
            + reason
            + ". Check that it runs, its address and port, and that a firewall lets it through.",
        cause);
  }

  private static boolean isOfNetwork(Throwable cause) {
    return cause instanceof UnknownHostException
        || (cause instanceof SocketException && !(cause instanceof BindException));
  }

  private static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return Secrets.redact(message.lines().findFirst().orElse(failure.toString()));
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
