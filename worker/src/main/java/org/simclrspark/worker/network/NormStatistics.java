package org.simclrspark.worker.network;

/**
 * Batch-norm statistics of a group of views, for every norm of a network: flat, norm by norm the
 * means, then the biased variances.
 */
public final class NormStatistics {

  private NormStatistics() {}

  /** Length of the values of norms of so many channels. */
  public static int size(int[] channels) {
    int size = 0;
    for (int ofNorm : channels) {
      size += 2 * ofNorm;
    }
    return size;
  }

  /**
   * Pools the statistics of disjoint groups into those of all their views: the mean of the means,
   * and the mean of the variances plus the variance of the means (law of total variance), each
   * group weighted by its views.
   */
  public static final class Pool {

    private final int[] channels;

    /** Norm by norm, the means of the groups so far, then the sums of squares about them. */
    private final double[] moments;

    private long views;

    public Pool(int[] channels) {
      this.channels = channels.clone();
      this.moments = new double[size(channels)];
    }

    /**
     * Takes in a group, as Chan et al. 1979 combine two samples: nothing large is subtracted from
     * something as large.
     *
     * @param values of the group, in the layout of {@link NormStatistics}
     * @param count its views; 0 is nothing
     */
    public void add(float[] values, long count) {
      if (count == 0) {
        return;
      }
      views += count;
      double share = (double) count / views;
      double between = share * (views - count);
      int from = 0;
      for (int ofNorm : channels) {
        for (int mean = from; mean < from + ofNorm; mean++) {
          int square = mean + ofNorm;
          double difference = values[mean] - moments[mean];
          moments[mean] += share * difference;
          moments[square] += (double) values[square] * count + between * difference * difference;
        }
        from += 2 * ofNorm;
      }
    }

    /** The statistics of all views; zeros where there were none. */
    public float[] values() {
      float[] values = new float[moments.length];
      int from = 0;
      for (int ofNorm : channels) {
        for (int mean = from; mean < from + ofNorm; mean++) {
          values[mean] = (float) moments[mean];
          values[mean + ofNorm] = views == 0 ? 0 : (float) (moments[mean + ofNorm] / views);
        }
        from += 2 * ofNorm;
      }
      return values;
    }
  }
}
