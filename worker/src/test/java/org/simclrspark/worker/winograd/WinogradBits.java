package org.simclrspark.worker.winograd;

import java.util.Arrays;
import org.simclrspark.loss.vector.VectorTypes;

/**
 * Prints the length of vectors and of blocks of channels, and a hash of the results of some
 * convolutions.
 */
public final class WinogradBits {

  private WinogradBits() {}

  /** A hash of the bits of results. */
  static String ofThisJvm() {
    TileWorkspace space = new TileWorkspace();
    int hash = 0;
    for (int[] shape : new int[][] {{32, 48, 9, 3}, {64, 64, 16, 9}, {128, 96, 4, 40}}) {
      TileCase given = new TileCase(shape[0], shape[1], shape[2], shape[3], 11);
      given.run(space);
      hash = 31 * hash + Arrays.hashCode(given.results());
    }
    return Integer.toHexString(hash);
  }

  /** Prints them. */
  public static void main(String[] arguments) {
    System.out.println(VectorTypes.LANES + " " + ChannelBlock.SIZE + " " + ofThisJvm());
  }
}
