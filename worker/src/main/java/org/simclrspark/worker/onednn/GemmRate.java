package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import org.simclrspark.worker.engine.Team;

/** The rate of large matrix products: the floor that a network's time is compared with. */
public final class GemmRate {

  private static final int SIDE = 1024;
  private static final int ROUNDS = 12;

  private GemmRate() {}

  /**
   * Measures GFLOP/s of float32 products of 1024 x 1024 matrices, one product a thread at a time.
   *
   * @param prepareThread runs once on each thread, to limit native libraries to that thread
   */
  public static double measure(int threads, Runnable prepareThread) {
    double[] seconds = new double[threads];
    try (Team team = new Team(threads, prepareThread)) {
      team.run(member -> seconds[member] = fastest(team));
    }
    double rate = 0;
    for (double second : seconds) {
      rate += 2.0 * SIDE * SIDE * SIDE / second / 1e9;
    }
    return rate;
  }

  private static double fastest(Team team) {
    long bytes = (long) SIDE * SIDE * Float.BYTES;
    double fastest = Double.MAX_VALUE;
    try (Buffer buffer = new Buffer(3 * bytes)) {
      for (int round = 0; round < ROUNDS; round++) {
        team.meet();
        long start = System.nanoTime();
        OneDnn.check(
            dnnl_sgemm(
                (byte) 'N',
                (byte) 'N',
                SIDE,
                SIDE,
                SIDE,
                1f,
                buffer.at(0),
                SIDE,
                buffer.at(bytes),
                SIDE,
                0f,
                buffer.at(2 * bytes),
                SIDE),
            "multiply matrices");
        fastest = Math.min(fastest, (System.nanoTime() - start) / 1e9);
      }
    }
    return fastest;
  }
}
