package org.simclrspark.data.prepare;

import java.util.Iterator;
import java.util.NoSuchElementException;
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

  /** The next few, as many as there are. */
  static <T> Iterator<T> next(Iterator<T> items, long count) {
    return new Iterator<>() {
      private long taken;

      @Override
      public boolean hasNext() {
        return taken < count && items.hasNext();
      }

      @Override
      public T next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        taken++;
        return items.next();
      }
    };
  }
}
