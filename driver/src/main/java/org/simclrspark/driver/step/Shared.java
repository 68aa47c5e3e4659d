package org.simclrspark.driver.step;

import java.io.Serializable;
import org.apache.spark.broadcast.Broadcast;

/** A value that the driver has broadcast to all tasks, until it is closed. */
record Shared<T>(Broadcast<T> broadcast) implements Serializable, AutoCloseable {

  T value() {
    return broadcast.value();
  }

  @Override
  public void close() {
    broadcast.destroy();
  }
}
