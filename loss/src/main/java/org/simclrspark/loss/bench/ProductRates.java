package org.simclrspark.loss.bench;

import static org.simclrspark.loss.TileKernels.TILE;

import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.SimilarityTile;
import org.simclrspark.loss.threads.ThreadTeam;

/**
 * The rate of plain single-precision matrix products in this process, the floor of any loss: the
 * fastest of ND4J's BLAS, ND4J's operation {@code matmul} and this module's own tiles.
 *
 * <p>Rates are the best of all rounds measured, in GFLOP/s, with all threads.
 */
final class ProductRates {
  private static final int SIZE = 2048;

  private final INDArray a = Nd4j.rand(DataType.FLOAT, SIZE, SIZE);
  private final INDArray b = Nd4j.rand(DataType.FLOAT, SIZE, SIZE);
  private final INDArray columnMajor = zeros('f');
  private final INDArray rowMajor = zeros('c');
  private final Embeddings z;
  private final int threads;
  private double blas;
  private double matmul;
  private double tiles;
  private double bestOfProcessor;

  ProductRates(Embeddings z, int threads) {
    this.z = z;
    this.threads = threads;
  }

  /** Measures each once. */
  void measure() {
    double flop = 2.0 * SIZE * SIZE * SIZE;
    blas = Math.max(blas, rate(flop, () -> Nd4j.gemm(a, b, columnMajor, false, false, 1, 0)));
    DynamicCustomOp product =
        DynamicCustomOp.builder("matmul").addInputs(a, b).addOutputs(rowMajor).build();
    matmul = Math.max(matmul, rate(flop, () -> Nd4j.exec(product)));
    int items = 16 * threads;
    int count = Math.max(1, z.rows() / TILE);
    double tileFlop = 2.0 * TILE * TILE * z.dimension() * count * items;
    Supplier<IntConsumer> worker = () -> tileConsumer(count);
    tiles = Math.max(tiles, rate(tileFlop, () -> ThreadTeam.forEach(threads, items, worker)));
  }

  private IntConsumer tileConsumer(int count) {
    SimilarityTile tile = new SimilarityTile();
    return item -> {
      int row = item % count * TILE;
      for (int column = 0; column < count; column++) {
        tile.compute(z, row, TILE, column * TILE, TILE, 0);
      }
    };
  }

  /** Of ND4J's BLAS, OpenBLAS on its CPU backend. */
  double blas() {
    return blas;
  }

  /** Of ND4J's operation matmul, which reaches oneDNN where the natives have it. */
  double matmul() {
    return matmul;
  }

  /** Of the products of unit vectors that the tiles of {@link NtXent} begin with. */
  double tiles() {
    return tiles;
  }

  /** The fastest. */
  double best() {
    return Math.max(blas, Math.max(matmul, tiles));
  }

  /** The fastest, by the seconds of processors instead of those of the clock. */
  double bestOfProcessor() {
    return bestOfProcessor;
  }

  private static INDArray zeros(char order) {
    return Nd4j.createUninitialized(DataType.FLOAT, new long[] {SIZE, SIZE}, order);
  }

  private double rate(double flop, Runnable work) {
    Stopwatch watch = new Stopwatch();
    work.run();
    double seconds = watch.seconds();
    double processorSeconds = watch.processorSeconds();
    if (processorSeconds > 0) {
      bestOfProcessor = Math.max(bestOfProcessor, flop / processorSeconds / 1e9);
    }
    return flop / seconds / 1e9;
  }
}
