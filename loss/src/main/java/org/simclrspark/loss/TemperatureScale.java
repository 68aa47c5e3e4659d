package org.simclrspark.loss;

/**
 * The numbers that a temperature gives to the float32 passes, all in powers of two: 2^(scale * dot)
 * is exp(dot / temperature).
 *
 * <p>|S_ij| <= 1 / temperature. While that is at most {@value #WIDEST} the exponentials of all
 * pairs fit the exponent range of a float together, so one shift serves the whole batch and one
 * exponential serves both rows of a pair. At lower temperatures each row needs its own shift.
 */
public final class TemperatureScale {
  /** The largest 1 / temperature with a common shift: 2^(185) between the extremes. */
  static final double WIDEST = 64;

  private final float scale;
  private final boolean commonShift;

  public TemperatureScale(double temperature) {
    this.scale = (float) (1 / (temperature * Math.log(2)));
    this.commonShift = 1 / temperature <= WIDEST;
  }

  /** log2(e) / temperature, as the passes multiply by it. */
  public float scale() {
    return scale;
  }

  /** Whether one shift serves all rows. */
  public boolean hasCommonShift() {
    return commonShift;
  }

  /** The common shift, about 1 / temperature in powers of two, so that the largest are exact. */
  public float commonShift() {
    return (float) Math.rint(scale);
  }

  /** An inner product whose exponential vanishes under any shift in use. */
  public float maskedDot() {
    return -2 - 512 / scale;
  }

  /** S_ij of an inner product, in natural units. */
  public double similarity(double dot) {
    return dot * scale * Math.log(2);
  }
}
