package org.simclrspark.data.prepare;

import java.util.Iterator;
import org.apache.spark.util.LongAccumulator;

/** Iterators around others. */
final class Iterators {
  private Iterators() {}

  /** Counts what is taken. */
  static <T> Iterator<T> counting(Iterator<T> items, LongAccumulator counter) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public T next() {
        counter.add(1);
        return items.next();
      }
    };
  }
}
