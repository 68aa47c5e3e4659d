package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.lang3.SerializationUtils;

class NeighboursTest {

  private static final int CLASSES = 5;
  private static final double TEMPERATURE = 0.3;

  private record Offer(float similarity, long id, int label) {}

  /**
   * Fails where the nearest, or one of two that are equally near, are others than those of a sort.
   */
  @Property(tries = 300)
  void voteAsASortOfAllDoes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 80) int k, @ForAll boolean manyTies) {
    Random random = new Random(seed);
    List<Offer> offers = new ArrayList<>();
    int count = k + random.nextInt(600);
    for (int id = 0; id < count; id++) {
      float similarity = manyTies ? (random.nextInt(7) - 3) / 3f : random.nextFloat() * 2 - 1;
      offers.add(new Offer(similarity, id, random.nextInt(CLASSES)));
    }
    List<Offer> sorted =
        offers.stream()
            .sorted(
                Comparator.comparingDouble((Offer offer) -> -offer.similarity)
                    .thenComparingLong(Offer::id))
            .limit(k)
            .toList();
    Collections.shuffle(offers, random);
    Neighbours one = new Neighbours(1, k);
    Neighbours other = new Neighbours(1, k);
    int split = random.nextInt(offers.size());
    for (int i = 0; i < offers.size(); i++) {
      Offer offer = offers.get(i);
      (i < split ? one : other).offer(0, offer.similarity, offer.id, offer.label);
    }

    Neighbours merged =
        SerializationUtils.roundtrip(one).merge(SerializationUtils.roundtrip(other));

    assertThat(merged.vote(0, TEMPERATURE, CLASSES)).isEqualTo(winner(sorted));
  }

  private static int winner(List<Offer> nearestFirst) {
    double[] votes = new double[CLASSES];
    for (Offer offer : nearestFirst) {
      votes[offer.label] +=
          Math.exp((offer.similarity - nearestFirst.get(0).similarity) / TEMPERATURE);
    }
    int winner = 0;
    for (int c = 1; c < CLASSES; c++) {
      if (votes[c] > votes[winner]) {
        winner = c;
      }
    }
    return winner;
  }
}
