package org.simclrspark.data.epoch;

import java.util.stream.LongStream;

/** A sample of a dataset's images that a key selects. */
public final class KeyedSample {

  private KeyedSample() {}

  /**
   * Selects images, each as likely as any other; the same ones for the same numbers.
   *
   * @param images in the dataset
   * @param most images to take; all are taken where there are no more
   * @param key of the selection
   * @return ids, ascending
   */
  public static long[] ids(long images, int most, long key) {
    if (images <= most) {
      return LongStream.range(0, images).toArray();
    }
    KeyedPermutation permutation = new KeyedPermutation(images, key);
    return LongStream.range(0, most).map(permutation::apply).sorted().toArray();
  }
}
