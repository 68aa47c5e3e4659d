package org.simclrspark.worker.onednn;

import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import org.simclrspark.worker.engine.MicroBatchEngine;
import org.simclrspark.worker.network.Network;

/** Looks into what {@link OneDnnEngine} has kept of a micro-batch. */
public final class BlockedActivations {

  private BlockedActivations() {}

  /** The values of one activation, [count, channels, side, side] without padding. */
  public static float[] values(MicroBatchEngine.Activations kept, Network.Tensor tensor) {
    MicroBatch batch = (MicroBatch) kept;
    int channels = tensor.channels();
    int pixels = tensor.pixels();
    int blocks = Shapes.padded(channels) / OneDnn.BLOCK;
    float[] values = new float[batch.count * channels * pixels];
    int to = 0;
    for (int member = 0; member < batch.active(); member++) {
      FloatBuffer from = batch.arenas[member].views[tensor.id()].asFloatBuffer();
      for (int view = 0; view < batch.slices[member]; view++) {
        for (int c = 0; c < channels; c++) {
          int chunk = (view * blocks + c / OneDnn.BLOCK) * pixels;
          for (int pixel = 0; pixel < pixels; pixel++) {
            values[to++] = from.get((chunk + pixel) * OneDnn.BLOCK + c % OneDnn.BLOCK);
          }
        }
      }
    }
    return values;
  }

  /**
   * Which activations have passed a ReLU.
   *
   * @return 1 where one has, else 0; norm by norm, [count, channels, side, side]
   */
  public static byte[] decisions(Network network, MicroBatchEngine.Activations kept) {
    ByteArrayOutputStream open = new ByteArrayOutputStream();
    for (Network.Operation operation : network.operations()) {
      if (operation instanceof Network.Normalisation norm && norm.relu()) {
        for (float value : values(kept, norm.out())) {
          open.write(value > 0 ? 1 : 0);
        }
      }
    }
    return open.toByteArray();
  }

  /**
   * Which of the 9 values of its window each output of max pooling has taken, the first of equals:
   * [count, channels, side, side]; empty without max pooling.
   */
  public static byte[] winners(Network network, MicroBatchEngine.Activations kept) {
    ByteArrayOutputStream winners = new ByteArrayOutputStream();
    for (Network.Operation operation : network.operations()) {
      if (operation instanceof Network.MaxPool pool) {
        float[] x = values(kept, pool.in());
        float[] y = values(kept, pool.out());
        int side = pool.in().side();
        int outSide = pool.out().side();
        for (int i = 0; i < y.length; i++) {
          int winner = -1;
          for (int k = 0; k < 9 && winner < 0; k++) {
            int row = i / outSide % outSide * 2 - 1 + k / 3;
            int column = i % outSide * 2 - 1 + k % 3;
            boolean inside = row >= 0 && row < side && column >= 0 && column < side;
            if (inside && x[(i / (outSide * outSide) * side + row) * side + column] == y[i]) {
              winner = k;
            }
          }
          winners.write(winner);
        }
      }
    }
    return winners.toByteArray();
  }
}
