package org.simclrspark.loss;

import static org.simclrspark.loss.TileKernels.ROW_ALIGNMENT;
import static org.simclrspark.loss.TileKernels.TILE;

import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.simclrspark.loss.threads.ThreadTeam;
import org.simclrspark.loss.threads.TileRounds;

/**
 * {@link ContrastiveLoss} on the CPU, in tiles that fit the L2 cache: similarities, exponentials
 * and products follow each other while a tile is there, so memory is O(N d).
 *
 * <p>Results do not depend on the number of threads, on their timing or on the vector lanes of the
 * machine. Over all rows each tile is computed once for both its rows and its columns. Similarities
 * are float32, sums over tiles of the normalisers double precision; temperatures under 1/64 take a
 * shift for each row, since their exponentials exceed the range of a float. Immutable.
 */
public final class NtXent implements ContrastiveLoss {
  /** The lowest temperature whose similarities float32 resolves. */
  public static final double LOWEST_TEMPERATURE = 1e-3;

  /** At least this many parts, where rows and columns give as many, so that threads have work. */
  private static final int PARTS = 32;

  /** Tiles along the side of a block, at most. */
  private static final int LARGEST_BLOCK = 4;

  /** At least so many blocks of rows, where there are as many tiles, so that threads have work. */
  private static final int FEWEST_BLOCKS = 20;

  private final double temperature;
  private final int threads;
  private final TemperatureScale scale;

  /**
   * Creates the loss.
   *
   * @param temperature tau, at least {@link #LOWEST_TEMPERATURE}
   * @param threads threads that work on one call, the calling one included; at least 1
   * @throws IllegalArgumentException if a value is out of range
   */
  public NtXent(double temperature, int threads) {
    Checks.temperature(temperature);
    if (threads < 1) {
      throw new IllegalArgumentException(
          "Invalid number of threads, must be at least 1, found " + threads);
    }
    this.temperature = temperature;
    this.threads = threads;
    this.scale = new TemperatureScale(temperature);
  }

  /** The temperature, tau. */
  public double temperature() {
    return temperature;
  }

  @Override
  public RowStatistics rows(Embeddings z, int from, int to) {
    Checks.range(z, from, to);
    RowParts parts = new RowParts(z, from, to);
    RowSums[] sums = new RowSums[parts.count()];
    ThreadTeam.forEach(
        threads,
        parts.count(),
        () -> {
          NormaliserPass pass = new NormaliserPass(z, scale);
          return part -> {
            int row = parts.firstRow(part);
            int rows = parts.rows(part);
            RowSums sum = new RowSums(scale, row, rows);
            parts.forEachTile(
                part, column -> pass.addRows(row, rows, column, columns(z, column), sum));
            sums[part] = sum;
          };
        });
    RowStatistics[] statistics = new RowStatistics[parts.rowBlocks()];
    for (int block = 0; block < parts.rowBlocks(); block++) {
      RowSums sum = sums[parts.part(block, 0)];
      for (int chunk = 1; chunk < parts.chunks(); chunk++) {
        sum.add(sums[parts.part(block, chunk)]);
      }
      statistics[block] =
          sum.statistics(z, Math.max(from, sum.first()), Math.min(to, sum.first() + sum.rows()));
    }
    return RowStatistics.concatenate(List.of(statistics));
  }

  @Override
  public RowStatistics all(Embeddings z) {
    if (!scale.hasCommonShift()) {
      return rows(z, 0, z.rows());
    }
    RowSums sums = new RowSums(scale, 0, z.paddedRows());
    forEachTile(
        z,
        () -> {
          NormaliserPass pass = new NormaliserPass(z, scale);
          return (row, column) -> {
            if (row == column) {
              pass.addRows(row, columns(z, row), column, columns(z, column), sums);
            } else {
              pass.addRowsAndColumns(row, column, columns(z, column), sums);
            }
          };
        });
    return sums.statistics(z, 0, z.rows());
  }

  @Override
  public void gradient(
      Embeddings z, double[] logNormalisers, int from, int to, float[] dz, int offset) {
    Checks.range(z, from, to);
    Checks.logNormalisers(z, logNormalisers);
    Checks.gradient(z, to - from, dz, offset);
    PairWeights weights = new PairWeights(z, scale, logNormalisers);
    RowParts parts = new RowParts(z, from, to);
    WeightedUnits[] sums = new WeightedUnits[parts.count()];
    ThreadTeam.forEach(
        threads,
        parts.count(),
        () -> {
          GradientPass pass = new GradientPass(z, scale, weights);
          return part -> {
            int row = parts.firstRow(part);
            int rows = parts.rows(part);
            WeightedUnits sum = new WeightedUnits(z, row, rows);
            parts.forEachTile(
                part, column -> pass.addRows(row, rows, column, columns(z, column), sum));
            sums[part] = sum;
          };
        });
    IntConsumer finish =
        block -> {
          WeightedUnits sum = sums[parts.part(block, 0)];
          for (int chunk = 1; chunk < parts.chunks(); chunk++) {
            sum.add(sums[parts.part(block, chunk)]);
          }
          int first = parts.firstRow(parts.part(block, 0));
          int last = Math.min(to, first + parts.rows(parts.part(block, 0)));
          for (int row = Math.max(from, first); row < last; row++) {
            sum.writeGradient(z, temperature, row, dz, offset + (row - from) * z.dimension());
          }
        };
    ThreadTeam.forEach(threads, parts.rowBlocks(), () -> finish);
  }

  @Override
  public void gradient(Embeddings z, double[] logNormalisers, float[] dz) {
    Checks.logNormalisers(z, logNormalisers);
    Checks.gradient(z, z.rows(), dz, 0);
    PairWeights weights = new PairWeights(z, scale, logNormalisers);
    WeightedUnits sums = new WeightedUnits(z, 0, z.paddedRows());
    forEachTile(
        z,
        () -> {
          GradientPass pass = new GradientPass(z, scale, weights);
          return (row, column) -> {
            if (row == column) {
              pass.addRows(row, columns(z, row), column, columns(z, column), sums);
            } else {
              pass.addRowsAndColumns(row, column, columns(z, column), sums);
            }
          };
        });
    IntConsumer finish =
        block -> {
          int last = Math.min(z.rows(), (block + 1) * TILE);
          for (int row = block * TILE; row < last; row++) {
            sums.writeGradient(z, temperature, row, dz, row * z.dimension());
          }
        };
    ThreadTeam.forEach(threads, SimilarityTile.tiles(z), () -> finish);
  }

  /**
   * Calls what a worker makes with the first row and column of each tile on and above the diagonal,
   * block by block of tiles, so that what belongs to a tile's rows and columns is mostly in a
   * cache.
   */
  private void forEachTile(Embeddings z, Supplier<TileRounds.Tile> worker) {
    int tiles = SimilarityTile.tiles(z);
    int side = Math.max(1, Math.min(LARGEST_BLOCK, tiles / FEWEST_BLOCKS));
    Supplier<TileRounds.Tile> blocks =
        () -> {
          TileRounds.Tile tile = worker.get();
          return (first, second) -> {
            int lastColumn = Math.min(tiles, (second + 1) * side) - 1;
            for (int row = first * side; row < Math.min(tiles, (first + 1) * side); row++) {
              int firstColumn = Math.max(row, second * side);
              for (int i = 0; i <= lastColumn - firstColumn; i++) {
                int column = row % 2 == 0 ? firstColumn + i : lastColumn - i;
                tile.run(row * TILE, column * TILE);
              }
            }
          };
        };
    TileRounds.run(threads, (tiles + side - 1) / side, blocks);
  }

  private static int columns(Embeddings z, int firstColumn) {
    return SimilarityTile.columnsFrom(z, firstColumn);
  }

  /** Parts of rows x columns of a range of rows; they depend on the shapes alone. */
  private static final class RowParts {
    private final Embeddings z;
    private final int first;
    private final int last;
    private final int rowBlocks;
    private final int chunks;

    RowParts(Embeddings z, int from, int to) {
      this.z = z;
      this.first = from / ROW_ALIGNMENT * ROW_ALIGNMENT;
      this.last = (to + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
      this.rowBlocks = (last - first + TILE - 1) / TILE;
      int wanted = (PARTS + rowBlocks - 1) / rowBlocks;
      this.chunks = Math.min(wanted, SimilarityTile.tiles(z));
    }

    int count() {
      return Math.multiplyExact(rowBlocks, chunks);
    }

    int rowBlocks() {
      return rowBlocks;
    }

    int chunks() {
      return chunks;
    }

    int part(int block, int chunk) {
      return block * chunks + chunk;
    }

    int firstRow(int part) {
      return first + part / chunks * TILE;
    }

    int rows(int part) {
      return Math.min(TILE, last - firstRow(part));
    }

    /** Calls the consumer with the first column of each tile of a part. */
    void forEachTile(int part, IntConsumer tile) {
      int chunk = part % chunks;
      int tiles = SimilarityTile.tiles(z);
      int begin = (int) ((long) tiles * chunk / chunks);
      int end = (int) ((long) tiles * (chunk + 1) / chunks);
      for (int column = begin; column < end; column++) {
        tile.accept(column * TILE);
      }
    }
  }
}
