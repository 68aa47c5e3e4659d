package org.simclrspark.driver.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.worker.machine.Isa;

/** Starts Spark, embedded in this process or on a cluster. */
public final class SparkContexts {

  /** What a JVM needs for the vector API, and for natives that manage their own memory. */
  static final String JAVA_OPTIONS =
      "--add-modules=jdk.incubator.vector -Duser.language=en"
          + " -Dorg.bytedeco.javacpp.maxphysicalbytes=0"
          + " -Dorg.deeplearning4j.crash.reporting.enabled=false";

  private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+)(,\\s*\\d+)?]|(local)");
  private static final String MASTER = "spark.master";
  private static final String JAVA_SERIALIZER = "org.apache.spark.serializer.JavaSerializer";
  private static final Duration SETTLING = Duration.ofSeconds(5);
  private static final long POLL_MILLISECONDS = 10;

  private SparkContexts() {}

  /**
   * Starts Spark.
   *
   * @param name of the application
   * @param master where Spark runs, or null for what spark-submit says, or this machine
   * @param threads of a task
   * @throws ConfigurationException if the master has too few cores for a task
   */
  public static JavaSparkContext start(String name, String master, int threads) {
    return start(name, master, threads, Isa.NATIVE, Map.of());
  }

  /**
   * Starts Spark.
   *
   * @param name of the application
   * @param master where Spark runs, or null for what spark-submit says, or this machine
   * @param threads of a task
   * @param isa that executors are held to
   * @param settings of Spark by name, unless a cluster has its own
   * @throws ConfigurationException if the master has too few cores for a task, or a setting keeps
   *     Spark from starting
   */
  public static JavaSparkContext start(
      String name, String master, int threads, Isa isa, Map<String, String> settings) {
    SparkConf conf = hold(configuration(name, master, threads), isa);
    settings.forEach(conf::setIfMissing);
    JavaSparkContext spark = start(conf);
    if (StartFailure.isGivenUp(spark.sc())) {
      spark.close();
      throw StartFailure.unreached(conf.get(MASTER), "", null);
    }
    return spark;
  }

  private static JavaSparkContext start(SparkConf conf) {
    try {
      return new JavaSparkContext(conf) {
        @Override
        public void stop() {
          settle(this);
          super.stop();
        }
      };
    } catch (RuntimeException e) {
      throw StartFailure.of(conf, e);
    } catch (Exception e) {
      // Scala declares no exceptions, and this is how those of files come.
      throw StartFailure.of(conf, new IllegalStateException(e.getMessage(), e));
    }
  }

  /**
   * Waits for what a job that failed or was cancelled leaves behind: tasks that run on, and blocks
   * that are freed once these let go of them. Spark prints a stack trace when it stops meanwhile.
   */
  private static void settle(JavaSparkContext spark) {
    if (spark.sc().isStopped()) {
      return;
    }
    spark.cancelAllJobs();
    long deadline = System.nanoTime() + SETTLING.toNanos();
    try {
      while (runningTasks(spark) > 0 && System.nanoTime() < deadline) {
        Thread.sleep(POLL_MILLISECONDS);
      }
      if (spark.isLocal()) {
        // Comes behind the frees that this process still has to do, and waits.
        spark.broadcast(0).unpersist(true);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int runningTasks(JavaSparkContext spark) {
    return Stream.of(spark.sc().statusTracker().getExecutorInfos())
        .mapToInt(SparkExecutorInfo::numRunningTasks)
        .sum();
  }

  /** Has executors start with the instructions of the run. */
  static SparkConf hold(SparkConf conf, Isa isa) {
    if (conf.get(MASTER).matches("local(\\[.*)?") && isa != Isa.NATIVE && Isa.current() != isa) {
      throw new ConfigurationException(
          "worker.isa: this process must be started with the variables "
              + isa.environment()
              + " and the options "
              + isa.javaOptions()
              + ", found others. Start it by deploy/simclr, which gives them.");
    }
    isa.environment().forEach((key, value) -> conf.set("spark.executorEnv." + key, value));
    String options = "spark.executor.extraJavaOptions";
    conf.set(options, (conf.get(options) + " " + String.join(" ", isa.javaOptions())).strip());
    return conf;
  }

  static SparkConf configuration(String name, String master, int threads) {
    SparkConf conf = new SparkConf().setAppName(name);
    if (master != null) {
      conf.setMaster(master);
    }
    if (!conf.contains(MASTER) || conf.get(MASTER).equals("local[*]")) {
      int cores = Math.max(threads, Runtime.getRuntime().availableProcessors());
      conf.setMaster("local[" + cores + "]");
    }
    String threadsText = Integer.toString(threads);
    pin(conf, "spark.task.cpus", threadsText, "it follows from worker.threads");
    pin(conf, "spark.executorEnv.OMP_NUM_THREADS", threadsText, "it follows from worker.threads");
    // Kryo, a common default of clusters, writes no records or lambdas of Java 17.
    pin(conf, "spark.serializer", JAVA_SERIALIZER, "tasks carry what only Java's own can write");
    conf.set("spark.logConf", "false");
    if (conf.get(MASTER).startsWith("local")) {
      embedded(conf, threads);
    } else {
      onCluster(conf, threadsText);
    }
    // An executor takes the tasks whose blocks it holds first; with none left it helps the others
    // at once, since the blocks are small beside the work.
    conf.setIfMissing("spark.locality.wait", "0s");
    // A block on a dead executor is made again; asking for it for long is of little use.
    conf.setIfMissing("spark.shuffle.io.retryWait", "1s");
    // Floats do not compress, and the images are compressed already.
    conf.setIfMissing("spark.broadcast.compress", "false");
    conf.setIfMissing("spark.shuffle.compress", "false");
    // Gradients are written once: the writer for few partitions makes a file of each, then joins
    // them.
    conf.setIfMissing("spark.shuffle.sort.bypassMergeThreshold", "1");
    conf.setIfMissing("spark.driver.maxResultSize", "4g");
    // The default, zstd, needs a native library in a temporary folder that may forbid it.
    conf.setIfMissing("spark.shuffle.mapStatus.compression.codec", "lz4");
    // Every lost executor takes map output with it, and each loss of it counts as one attempt.
    conf.setIfMissing("spark.stage.maxConsecutiveAttempts", "16");
    // The mean gradient comes with the message that a task ended, not as a block to be fetched.
    conf.setIfMissing("spark.task.maxDirectResultSize", "64m");
    return conf;
  }

  /**
   * Sets what the application cannot do without, and tells where that overrides a cluster's own.
   */
  private static void pin(SparkConf conf, String key, String value, String reason) {
    String given = conf.get(key, value);
    if (!given.equals(value)) {
      System.err.println(
          "simclr: " + key + "=" + given + " is overridden by " + value + ": " + reason + ".");
    }
    conf.set(key, value);
  }

  private static void embedded(SparkConf conf, int threads) {
    Matcher local = LOCAL.matcher(conf.get(MASTER));
    if (local.matches()) {
      int cores = local.group(1) == null ? 1 : Integer.parseInt(local.group(1));
      if (cores < threads) {
        throw new ConfigurationException(
            "--master: the cores must be at least worker.threads, "
                + threads
                + ", found "
                + conf.get(MASTER)
                + ". Take local["
                + threads
                + "] or set worker.threads="
                + cores
                + ".");
      }
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    // A task without enough memory fails like any other; here it would end the driver too.
    conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
    // After Ctrl-Z, or on a laptop that slept, the process has not answered itself for long.
    conf.setIfMissing("spark.network.timeout", "7d");
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    addJavaOptions(conf);
  }

  /** One task an executor, unless the cluster's own settings say otherwise. */
  private static void onCluster(SparkConf conf, String threads) {
    conf.setIfMissing("spark.executor.cores", threads);
    if (conf.getInt("spark.executor.cores", 1) < Integer.parseInt(threads)) {
      String cores = conf.get("spark.executor.cores");
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "spark.executor.cores must be at least worker.threads, %s, found %s. Take --executor-cores %s or set worker.threads=%s.",
              threads,
              cores,
              threads,
              cores));
    }
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    addJavaOptions(conf);
  }

  private static void addJavaOptions(SparkConf conf) {
    String key = "spark.executor.extraJavaOptions";
    String given = conf.get(key, "");
    if (!given.contains("jdk.incubator.vector")) {
      conf.set(key, (given + " " + JAVA_OPTIONS).strip());
    }
  }
}
