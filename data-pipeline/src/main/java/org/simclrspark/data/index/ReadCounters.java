package org.simclrspark.data.index;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;

/** Counts what tasks read, on all executors; a task that runs again counts again. */
public final class ReadCounters implements Serializable {
  private final LongAccumulator images;
  private final LongAccumulator requests;
  private final LongAccumulator bytes;
  private final LongAccumulator cached;
  private final LongAccumulator throttled;
  private transient Map<String, Long> last = Map.of();

  /** Counters at 0. */
  public ReadCounters(JavaSparkContext spark) {
    images = spark.sc().longAccumulator();
    requests = spark.sc().longAccumulator();
    bytes = spark.sc().longAccumulator();
    cached = spark.sc().longAccumulator();
    throttled = spark.sc().longAccumulator();
  }

  /** The same as {@link #values}, since it was called last; for one thread of the driver. */
  public Map<String, Long> sinceLastTime() {
    Map<String, Long> now = values();
    Map<String, Long> difference = new LinkedHashMap<>(now);
    last.forEach((name, value) -> difference.merge(name, -value, Long::sum));
    last = now;
    return difference;
  }

  void add(long readImages, long sentRequests, long readBytes, long fromCache, long refused) {
    images.add(readImages);
    requests.add(sentRequests);
    bytes.add(readBytes);
    cached.add(fromCache);
    throttled.add(refused);
  }

  /**
   * Images read; requests to storage; their bytes; images that came from the cache; requests that
   * S3 refused for being too many (503 Slow Down), which were tried again.
   */
  public Map<String, Long> values() {
    Map<String, Long> values = new LinkedHashMap<>();
    values.put("images", images.value());
    values.put("requests", requests.value());
    values.put("bytes", bytes.value());
    values.put("cached", cached.value());
    values.put("throttled", throttled.value());
    return values;
  }
}
