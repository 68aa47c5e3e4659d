package org.simclrspark.driver.cluster;

/** Where this driver runs, as Spark tells it by system properties. */
public final class DeployMode {

  private static final String MASTER = "spark.master";
  private static final String DEPLOY_MODE = "spark.submit.deployMode";

  private DeployMode() {}

  /** Whether the driver runs on a machine of the cluster's choice. */
  public static boolean isCluster() {
    return "cluster".equals(System.getProperty(DEPLOY_MODE));
  }

  /**
   * Whether the driver is a thread of YARN's application master, which takes {@link System#exit}
   * for a failure whatever the status is.
   */
  public static boolean isApplicationMaster() {
    return isCluster() && "yarn".equals(System.getProperty(MASTER));
  }
}
