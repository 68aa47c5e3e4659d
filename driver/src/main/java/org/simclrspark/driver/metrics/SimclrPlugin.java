package org.simclrspark.driver.metrics;

import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the figures of a training into Spark's metrics system, and so to its sinks: Prometheus,
 * JMX, Graphite and others. Spark loads it where {@code spark.plugins} names it. Training does not
 * know of it, and does not wait for it.
 */
public final class SimclrPlugin implements SparkPlugin {

  @Override
  public DriverPlugin driverPlugin() {
    return new OfDriver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ReportingExecutor();
  }

  private static final class OfDriver implements DriverPlugin {

    private static final Logger LOG = LoggerFactory.getLogger(SimclrPlugin.class);

    private final ExecutorReports reports = new ExecutorReports(System::nanoTime);

    @Override
    public Map<String, String> init(SparkContext spark, PluginContext context) {
      try {
        ExecutorLosses losses = new ExecutorLosses(spark);
        DriverGauges.register(
            context.metricRegistry(), LiveTrainings.CURRENT, reports, losses::count);
      } catch (Exception | LinkageError e) {
        // Thrown on, it would end the application.
        LOG.warn("The training's metrics are not in Spark's", e);
      }
      return Map.of();
    }

    @Override
    public Object receive(Object message) {
      if (message instanceof ExecutorReport report) {
        reports.add(report);
      }
      return null;
    }
  }
}
