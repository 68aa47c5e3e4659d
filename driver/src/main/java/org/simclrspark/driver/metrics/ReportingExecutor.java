package org.simclrspark.driver.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at its executor now and then, in a thread of its own: for the gauges of the executor's own
 * sinks, and for the driver, whose sinks tell of all executors together.
 */
final class ReportingExecutor implements ExecutorPlugin {

  private static final Logger LOG = LoggerFactory.getLogger(ReportingExecutor.class);
  private static final long INTERVAL_SECONDS = 10;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread created = new Thread(work, "simclr-metrics");
            created.setDaemon(true);
            return created;
          });
  private volatile ExecutorReport last = new ExecutorReport("", 0, 0, 0, 0, 0, 0);
  private boolean failed;

  @Override
  public void init(PluginContext context, Map<String, String> extra) {
    MetricRegistry registry = context.metricRegistry();
    gauge(registry, "executor_heap_bytes", ExecutorReport::heapBytes);
    gauge(registry, "executor_native_bytes", ExecutorReport::nativeBytes);
    gauge(registry, "executor_resident_bytes", ExecutorReport::residentBytes);
    gauge(registry, "executor_gpu_bytes", ExecutorReport::gpuBytes);
    gauge(registry, "executor_engines_made", ExecutorReport::enginesMade);
    gauge(registry, "executor_engines_reused", ExecutorReport::enginesReused);
    thread.scheduleWithFixedDelay(() -> report(context), 0, INTERVAL_SECONDS, TimeUnit.SECONDS);
  }

  private void gauge(MetricRegistry registry, String name, ToLongFunction<ExecutorReport> value) {
    registry.register(name, (Gauge<Long>) () -> value.applyAsLong(last));
  }

  /** Whatever goes wrong here is told once, and training goes on. */
  private void report(PluginContext context) {
    try {
      last = ExecutorReport.now(context.executorID());
      context.send(last);
      failed = false;
    } catch (Exception | LinkageError e) {
      if (!failed) {
        LOG.warn("The executor's metrics did not reach the driver", e);
      }
      failed = true;
    }
  }

  @Override
  public void shutdown() {
    thread.shutdownNow();
  }
}
