package org.simclrspark.driver.step;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * What tasks that make views ahead ask for. Where the encoder's tasks hold a GPU each, these ask
 * for one core and no GPU, and run on cores that the GPU's tasks leave free; elsewhere they ask for
 * what all tasks ask for.
 */
final class ViewResources {

  private final ResourceProfile profile;

  private ViewResources(ResourceProfile profile) {
    this.profile = profile;
  }

  /** What the cluster manager and the configuration allow for. */
  static ViewResources of(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    boolean gpus = conf.getDouble("spark.task.resource.gpu.amount", 0) > 0;
    boolean local = spark.isLocal();
    boolean dynamic = conf.getBoolean("spark.dynamicAllocation.enabled", false);
    // With dynamic allocation, another profile would ask for executors of its own.
    if (!gpus || local || dynamic) {
      return new ViewResources(null);
    }
    return new ViewResources(
        new ResourceProfileBuilder().require(new TaskResourceRequests().cpus(1)).build());
  }

  <T> JavaRDD<T> of(JavaRDD<T> tasks) {
    return profile == null ? tasks : tasks.withResources(profile);
  }
}
