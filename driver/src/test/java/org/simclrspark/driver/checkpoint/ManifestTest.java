package org.simclrspark.driver.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.machine.Isa;

class ManifestTest {

  private static final Manifest MANIFEST =
      new Manifest(
          Manifest.FORMAT,
          20,
          3,
          "2026-11-24T12:00:00Z",
          "ab".repeat(32),
          20,
          List.of("momentum"),
          new Environment(
              "17.0.9",
              "1.0.0-M2.1",
              "linux-amd64",
              "Prozessor größer",
              "avx2 fma",
              2,
              Isa.NATIVE,
              ""),
          List.of(
              new Environment(
                  "17.0.9", "1.0.0-M2.1", "linux-amd64", "other", "avx512f", 2, Isa.NATIVE, "")),
          new StartedFrom("hdfs:/runs/2026-11-23", 600, "ef".repeat(32)),
          List.of(
              new Manifest.Entry("parameters.bin", 4000, "ab".repeat(32)),
              new Manifest.Entry("statistics.bin", 0, "cd".repeat(32))));

  @Test
  void comesBackAsItWas() {
    Manifest.Parsed parsed = Manifest.parse(MANIFEST.toBytes());
    assertThat(parsed.manifest()).contains(MANIFEST);
  }

  @Test
  void everyBeginningCountsAsCutOff() {
    byte[] bytes = MANIFEST.toBytes();
    for (int length = 0; length < bytes.length; length++) {
      Manifest.Parsed parsed = Manifest.parse(Arrays.copyOf(bytes, length));
      assertThat(parsed.manifest()).as("first %d bytes", length).isEmpty();
      assertThat(parsed.cut()).as("first %d bytes", length).isTrue();
    }
  }

  @Test
  void everyFlippedBitCountsAsDamage() {
    byte[] bytes = MANIFEST.toBytes();
    for (int i = 0; i < bytes.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = bytes.clone();
        damaged[i] ^= (byte) (1 << bit);
        Manifest.Parsed parsed = Manifest.parse(damaged);
        assertThat(parsed.manifest()).as("bit %d of byte %d", bit, i).isEmpty();
        assertThat(parsed.cut()).as("bit %d of byte %d", bit, i).isFalse();
      }
    }
  }

  @Test
  void anotherFormatIsNamed() {
    Manifest later =
        new Manifest(
            2, 20, 3, "", "", 20, List.of(), MANIFEST.environment(), List.of(), null, List.of());
    assertThat(Manifest.parse(later.toBytes()).problem()).contains("must be 1, found 2");
  }

  @Test
  void isPlainText() {
    assertThat(MANIFEST.toBytes()).asString(StandardCharsets.US_ASCII).contains("\"step\" : 20,");
  }
}
