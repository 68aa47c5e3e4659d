package org.simclrspark.driver.checkpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code manifest.json} of a checkpoint: written last, so that a checkpoint is complete
 * when its manifest is. Its last field is the SHA-256 of all the bytes before that field, so that
 * damage to the manifest itself shows.
 *
 * @param format version of the layout, {@value #FORMAT}
 * @param step steps done
 * @param epoch of the next step
 * @param created ISO 8601 instant
 * @param parametersSha256 of the little-endian parameters
 * @param optimizerUpdates updates that the outer optimizer made
 * @param optimizerSlots names of its arrays
 * @param environment of the driver
 * @param executors environments that tasks have computed in, the first of which the others are held
 *     against: the bits depend on them
 * @param startedFrom the run whose encoder this run started from; null for random parameters
 * @param files every other file of the checkpoint
 */
record Manifest(
    int format,
    long step,
    int epoch,
    String created,
    String parametersSha256,
    long optimizerUpdates,
    List<String> optimizerSlots,
    Environment environment,
    List<Environment> executors,
    @JsonInclude(JsonInclude.Include.NON_NULL) StartedFrom startedFrom,
    List<Entry> files) {

  static final int FORMAT = 1;
  static final String FILE_NAME = "manifest.json";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();
  private static final String END = "\n}\n";
  private static final String SEAL_FIELD = ",\n  \"manifestSha256\" : \"";
  private static final int SEAL_LENGTH = SEAL_FIELD.length() + 64 + 1 + END.length();

  Manifest {
    // Manifests of earlier versions have none.
    executors = executors == null ? List.of() : List.copyOf(executors);
  }

  /** One file: its name, size and sum. */
  record Entry(String name, long bytes, String sha256) {}

  /** What a manifest's bytes hold: a manifest, or else the problem, and whether they were cut. */
  record Parsed(Optional<Manifest> manifest, String problem, boolean cut) {

    static Parsed damaged(String problem) {
      return new Parsed(Optional.empty(), problem, false);
    }
  }

  byte[] toBytes() {
    try {
      String text = MAPPER.writeValueAsString(this).replace("\r\n", "\n");
      String sealed = text.substring(0, text.length() - "\n}".length());
      return (sealed + SEAL_FIELD + sum(sealed) + "\"" + END).getBytes(ISO_8859_1);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A manifest is always JSON", e);
    }
  }

  /** Reads a manifest and tells one that was cut off while being written from a damaged one. */
  static Parsed parse(byte[] bytes) {
    String text = new String(bytes, ISO_8859_1);
    if (isCut(text)) {
      return new Parsed(Optional.empty(), "it was cut off while being written", true);
    }
    String sealed = text.substring(0, Math.max(0, text.length() - SEAL_LENGTH));
    if (!text.endsWith(SEAL_FIELD + sum(sealed) + "\"" + END)) {
      return Parsed.damaged("its bytes do not have the sum they were written with");
    }
    try {
      int format = MAPPER.readTree(text).path("format").asInt();
      if (format != FORMAT) {
        return Parsed.damaged(
            "its format must be " + FORMAT + ", found " + format + ", from another version");
      }
      return new Parsed(Optional.of(MAPPER.readValue(text, Manifest.class)), "", false);
    } catch (JsonProcessingException e) {
      return Parsed.damaged("its fields cannot be read: " + e.getOriginalMessage());
    }
  }

  /** Whether the end is missing, which a flipped byte does not bring about. */
  private static boolean isCut(String text) {
    int seal = text.lastIndexOf(SEAL_FIELD);
    return seal < 0 ? !text.endsWith(END) : text.length() < seal + SEAL_LENGTH;
  }

  private static String sum(String text) {
    MessageDigest digest = FloatBytes.newSha256();
    digest.update(text.getBytes(ISO_8859_1));
    return FloatBytes.hex(digest);
  }
}
