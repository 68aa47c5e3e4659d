package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.config.EvaluateConfig.Knn;
import org.simclrspark.driver.evaluate.NearestNeighbours.Result;

class NearestNeighboursTest {

  private static final int CLASSES = 4;

  @Property(tries = 12)
  void predictsAsADirectComputationInDoublePrecision(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300) int trainCount,
      @ForAll @IntRange(min = 1, max = 140) int testCount,
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll @IntRange(min = 1, max = 60) int k) {
    Features train = random(seed, trainCount, size);
    Features test = random(seed + 1, testCount, size);

    Result result = classify(train, test, new Knn(k, 0.07));

    int[] expected = direct(train, test, k, 0.07);
    // Single precision may decide otherwise where two classes or neighbours are a hair apart.
    long differing =
        IntStream.range(0, testCount).filter(i -> expected[i] != result.predictions()[i]).count();
    assertThat(differing).isLessThanOrEqualTo(testCount / 50);
    assertThat(result.neighbours()).isEqualTo(Math.min(k, trainCount));
  }

  @Property(tries = 8)
  void predictsTheClassOfTheNearestForOneNeighbour(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int trainCount) {
    Features train = random(seed, trainCount, 16);
    Features test = random(seed + 1, 50, 16);

    int[] expected = new int[50];
    for (int i = 0; i < 50; i++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < trainCount; j++) {
        double cosine = cosine(test, i, train, j);
        if (cosine > best) {
          best = cosine;
          expected[i] = train.labels()[j];
        }
      }
    }

    assertThat(classify(train, test, new Knn(1, 0.1)).predictions()).isEqualTo(expected);
  }

  @Property(tries = 8)
  void doesNotDependOnTheScaleOfTheFeatures(
      @ForAll long seed, @ForAll @IntRange(min = -30, max = 30) int exponent) {
    float scale = (float) Math.pow(1.3, exponent);
    Features train = random(seed, 150, 24);
    Features test = random(seed + 1, 60, 24);
    Knn settings = new Knn(10, 0.1);

    assertThat(classify(scaled(train, scale), scaled(test, 1 / scale), settings).predictions())
        .isEqualTo(classify(train, test, settings).predictions());
  }

  @Property(tries = 8)
  void doesNotDependOnTheOrderOfTrainingRows(@ForAll long seed) {
    Features train = random(seed, 155, 24);
    Features test = random(seed + 1, 61, 24);
    Knn settings = new Knn(10, 0.1);

    assertThat(classify(shuffled(train, seed), test, settings).predictions())
        .isEqualTo(classify(train, test, settings).predictions());
  }

  @Test
  void doesNotDependOnBlocksPartsOrThreads() {
    Features train = random(5, 333, 24);
    Features test = random(6, 300, 24);
    Knn settings = new Knn(20, 0.1);
    int[] expected =
        new NearestNeighbours(LocalSpark.context(), settings, 1)
            .classify(train.rows(333), test.rows(300), CLASSES)
            .predictions();

    long bytesOfSevenQueries = 7 * (24 * 4 + 20 * 16);
    for (int threads = 1; threads <= 3; threads++) {
      assertThat(
              new NearestNeighbours(LocalSpark.context(), settings, threads, bytesOfSevenQueries)
                  .classify(train.rows(50), test.rows(40), CLASSES)
                  .predictions())
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 700})
  void similaritiesHaveTheSameBitsWhereverTheRowsStand(int size) {
    // With all neighbours of one class but two, a flipped bit at a tie of equal vectors would show.
    Random random = new Random(4);
    float[] row = new float[size];
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) random.nextGaussian();
    }
    int count = 400;
    float[] values = new float[count * row.length];
    for (int i = 0; i < count; i++) {
      System.arraycopy(row, 0, values, i * row.length, row.length);
    }
    int[] labels = IntStream.range(0, count).map(i -> i == 0 ? 1 : 0).toArray();
    Features train = features(row.length, labels, values);

    // All are equally near: the smallest id counts, in whatever block and place.
    assertThat(
            classify(train, features(row.length, new int[] {1}, row), new Knn(1, 0.1)).accuracy())
        .isEqualTo(1);
    assertThat(
            classify(shuffled(train, 2), features(row.length, new int[] {1}, row), new Knn(1, 0.1))
                .accuracy())
        .isEqualTo(1);
  }

  @Test
  void weighsTwoNearAgainstThreeFar() {
    // Cosines to the query (1, 0): 0.8 twice in class 1, 0.6 three times in class 0.
    Features train =
        features(2, new int[] {0, 0, 0, 1, 1}, .6f, .8f, .6f, -.8f, .6f, .8f, .8f, .6f, .8f, -.6f);
    Features test = features(2, new int[] {1}, 3, 0);

    // exp(0.2 / t) > 3 / 2 if and only if t < 0.2 / ln(1.5) = 0.4933.
    assertThat(classify(train, test, new Knn(5, 0.48)).predictions()).containsExactly(1);
    assertThat(classify(train, test, new Knn(5, 0.51)).predictions()).containsExactly(0);
  }

  @Test
  void breaksTiesBySmallerIdAndSmallerClass() {
    Features train =
        new Features(new long[] {7, 3, 5}, new int[] {2, 1, 3}, new float[] {1, 0, 1, 0, 1, 0}, 2);
    Features test = features(2, new int[] {0}, 1, 0);

    assertThat(classify(train, test, new Knn(1, 0.1)).predictions()).containsExactly(1);
    assertThat(classify(train, test, new Knn(3, 0.1)).predictions()).containsExactly(1);
  }

  @Test
  void reportsTheFractionThatIsRight() {
    Features train = features(2, new int[] {0, 1}, 1, 0, 0, 1);
    Features test = features(2, new int[] {0, 1, 0, 0}, 2, 1, 1, 2, 1, 3, 3, 1);

    assertThat(classify(train, test, new Knn(1, 0.1)).accuracy()).isEqualTo(0.75);
  }

  @Test
  void staysFiniteAtASmallTemperature() {
    Features train = features(2, new int[] {0, 1, 1}, 1, 0, 1, .1f, 1, .2f);
    Features test = features(2, new int[] {0}, 1, 0);

    assertThat(classify(train, test, new Knn(3, 1e-4)).predictions()).containsExactly(0);
  }

  @Test
  void saysThatFeaturesAreNotFinite() {
    Features train = features(2, new int[] {0, 1}, 1, 0, 0, Float.NaN);
    Features test = features(2, new int[] {0}, 1, 0);

    assertThatThrownBy(() -> classify(train, test, new Knn(1, 0.1)))
        .hasStackTraceContaining("in the one of image 1: training has diverged");
  }

  private static Result classify(Features train, Features test, Knn settings) {
    return new NearestNeighbours(LocalSpark.context(), settings, 2)
        .classify(train.rows(150), test.rows(60), CLASSES);
  }

  private static Features features(int size, int[] labels, float... values) {
    return new Features(
        IntStream.range(0, labels.length).mapToLong(i -> i).toArray(), labels, values, size);
  }

  private static Features random(long seed, int count, int size) {
    Random random = new Random(seed);
    float[] values = new float[count * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return features(size, random.ints(count, 0, CLASSES).toArray(), values);
  }

  private static Features scaled(Features features, float scale) {
    float[] values = features.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
    return new Features(features.ids(), features.labels(), values, features.size());
  }

  private static Features shuffled(Features features, long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, features.count()).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    long[] ids = new long[order.size()];
    int[] labels = new int[order.size()];
    float[] values = new float[features.values().length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = features.ids()[order.get(i)];
      labels[i] = features.labels()[order.get(i)];
      System.arraycopy(
          features.values(),
          order.get(i) * features.size(),
          values,
          i * features.size(),
          features.size());
    }
    return new Features(ids, labels, values, features.size());
  }

  private static int[] direct(Features train, Features test, int k, double temperature) {
    int[] result = new int[test.count()];
    for (int i = 0; i < result.length; i++) {
      int query = i;
      List<Integer> nearest =
          IntStream.range(0, train.count())
              .boxed()
              .sorted(Comparator.comparingDouble(j -> -cosine(test, query, train, j)))
              .limit(k)
              .toList();
      double[] votes = new double[CLASSES];
      for (int j : nearest) {
        votes[train.labels()[j]] += Math.exp(cosine(test, query, train, j) / temperature);
      }
      for (int c = 1; c < CLASSES; c++) {
        result[i] = votes[c] > votes[result[i]] ? c : result[i];
      }
    }
    return result;
  }

  private static double cosine(Features a, int i, Features b, int j) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int k = 0; k < a.size(); k++) {
      double x = a.values()[i * a.size() + k];
      double y = b.values()[j * b.size() + k];
      product += x * y;
      squaresA += x * x;
      squaresB += y * y;
    }
    return product / Math.sqrt(squaresA * squaresB);
  }
}
