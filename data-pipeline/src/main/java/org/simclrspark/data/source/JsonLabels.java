package org.simclrspark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/** Classes in JSON files that stand beside images. */
final class JsonLabels {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonLabels() {}

  /** The value of {@code label}, a text or a whole number, as a name; null if there is none. */
  static String label(byte[] json) {
    JsonNode label;
    try {
      label = JSON.readTree(json).path("label");
    } catch (IOException e) {
      return null;
    }
    boolean isName = label.isTextual() || label.isIntegralNumber();
    return isName && !label.asText().isBlank() ? label.asText().strip() : null;
  }
}
