package org.simclrspark.driver.cluster;

import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/** How this process reaches file systems before Spark runs. */
public final class HadoopSettings {

  /** File systems whose clients every distribution of Spark has. */
  private static final Set<String> BUILT_IN = Set.of("file", "hdfs", "viewfs", "webhdfs", "har");

  private HadoopSettings() {}

  /**
   * What Spark itself will use: Hadoop's files, {@code spark.hadoop.*}, and the keys of S3 in the
   * environment.
   */
  public static Configuration current() {
    return SparkHadoopUtil.get().newConfiguration(new SparkConf());
  }

  /** The scheme of a path's file system, the default one's where the path names none. */
  public static String scheme(Path path, Configuration hadoop) {
    String scheme = path.toUri().getScheme();
    return scheme == null ? FileSystem.getDefaultUri(hadoop).getScheme() : scheme;
  }

  /** Whether a path's file system needs libraries or settings that Spark alone does not bring. */
  public static boolean needsMore(Path path, Configuration hadoop) {
    return !BUILT_IN.contains(scheme(path, hadoop));
  }
}
