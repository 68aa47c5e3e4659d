package org.simclrspark.driver.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.network.EncoderSettings.Norm;

class NamesTest {

  @Test
  void knownDistances() {
    assertThat(Names.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Names.distance("", "abc")).isEqualTo(3);
    assertThat(Names.distance("flaw", "lawn")).isEqualTo(2);
  }

  @Property(tries = 200)
  void distanceIsAMetric(
      @ForAll @AlphaChars @StringLength(max = 8) String a,
      @ForAll @AlphaChars @StringLength(max = 8) String b,
      @ForAll @AlphaChars @StringLength(max = 8) String c) {
    assertThat(Names.distance(a, a)).isZero();
    assertThat(Names.distance(a, b)).isEqualTo(Names.distance(b, a));
    assertThat(Names.distance(a, c))
        .isLessThanOrEqualTo(Names.distance(a, b) + Names.distance(b, c));
    assertThat(Names.distance(a, b))
        .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
  }

  @Test
  void farNamesAreNotSuggested() {
    assertThat(Names.nearest("zzzzzzzz", List.of("batch", "seed"))).isEmpty();
    assertThat(Names.nearest("sead", List.of("batch", "seed"))).containsExactly("seed");
  }

  @Test
  void constantsAreWrittenInKebabCase() {
    assertThat(Names.of(Norm.GROUP_WEIGHT_STANDARDISED)).isEqualTo("group-weight-standardised");
    assertThat(Names.all(Norm.class)).isEqualTo("batch, group, group-weight-standardised");
  }
}
