package org.simclrspark.driver.cluster;

import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.ClientApp;

/**
 * A driver that a standalone master watches ({@code --supervise}). Spark starts one again whatever
 * it ended with, without end; a mistake in the configuration does not go away that way, so here
 * such a driver asks the master to take it off.
 */
public final class SupervisedDriver {

  private SupervisedDriver() {}

  /** Whether this process is one. */
  public static boolean isHere() {
    return DeployMode.isCluster()
        && Boolean.getBoolean("spark.driver.supervise")
        && master().startsWith("spark://");
  }

  private static String master() {
    return System.getProperty("spark.master", "");
  }

  /**
   * Asks the master to end this driver, as {@code spark-submit --kill} does; the master page then
   * shows it as killed. Returns only where the master does not answer.
   */
  public static void giveUp() {
    System.err.println(
        "simclr: Asking the master to start this driver no more, since it would end the same way.");
    // The worker runs a driver in a directory of its id.
    String id = Path.of("").toAbsolutePath().getFileName().toString();
    new ClientApp()
        .start(new String[] {"kill", master(), id}, new SparkConf().setAppName("simclr"));
  }
}
