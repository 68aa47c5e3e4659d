package org.simclrspark.driver.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A test image with the training images that are nearest to it, by cosine similarity on h: for
 * people to look at.
 *
 * @param id of the test image
 * @param neighbours the nearest first
 */
public record NearestImages(long id, List<Neighbour> neighbours) {

  private static final Comparator<Neighbour> NEAREST_FIRST =
      Comparator.comparingDouble(Neighbour::similarity).reversed().thenComparingLong(Neighbour::id);

  /** A training image and how similar it is, at most 1. */
  public record Neighbour(long id, double similarity) implements Serializable {}

  /** A unit vector and the image it is of. */
  private record Query(long id, float[] unit) implements Serializable {}

  /**
   * Looks for the neighbours of some test images, evenly chosen.
   *
   * @param queries how many at most
   * @param most neighbours of each
   */
  static List<NearestImages> of(Rows train, Rows test, int queries, int most) {
    int count = (int) Math.min(queries, test.count());
    long every = test.count() / Math.max(1, count);
    List<Query> chosen =
        test.blocks()
            .flatMap(
                block ->
                    IntStream.range(0, block.count())
                        .filter(row -> block.id(row) % every == 0)
                        .mapToObj(row -> new Query(block.id(row), unit(block, row)))
                        .iterator())
            .take(count);
    List<List<Neighbour>> found =
        train
            .blocks()
            .map(block -> nearest(block, chosen, most))
            .treeReduce((one, other) -> merged(one, other, most), 2);
    return IntStream.range(0, chosen.size())
        .mapToObj(query -> new NearestImages(chosen.get(query).id, found.get(query)))
        .toList();
  }

  private static List<List<Neighbour>> nearest(RowBlock block, List<Query> queries, int most) {
    float[][] units = new float[block.count()][];
    for (int row = 0; row < units.length; row++) {
      units[row] = unit(block, row);
    }
    List<List<Neighbour>> found = new ArrayList<>();
    for (Query query : queries) {
      found.add(
          new ArrayList<>(
              IntStream.range(0, units.length)
                  .mapToObj(row -> new Neighbour(block.id(row), product(query.unit, units[row])))
                  .sorted(NEAREST_FIRST)
                  .limit(most)
                  .toList()));
    }
    return found;
  }

  private static List<List<Neighbour>> merged(
      List<List<Neighbour>> one, List<List<Neighbour>> other, int most) {
    List<List<Neighbour>> both = new ArrayList<>();
    for (int query = 0; query < one.size(); query++) {
      List<Neighbour> all = new ArrayList<>(one.get(query));
      all.addAll(other.get(query));
      both.add(new ArrayList<>(all.stream().sorted(NEAREST_FIRST).limit(most).toList()));
    }
    return both;
  }

  private static float[] unit(RowBlock block, int row) {
    float[] unit = new float[block.size()];
    new UnitRows(block).copy(row, unit);
    return unit;
  }

  private static double product(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }
}
