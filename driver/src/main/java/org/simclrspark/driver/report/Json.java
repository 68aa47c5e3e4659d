package org.simclrspark.driver.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON objects as ordered maps; numbers that are not finite, which JSON lacks, become null. */
public final class Json {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** One line. */
  public static String line(Map<String, ?> values) {
    return write(values, false);
  }

  /** Many lines, for people too. */
  public static String pretty(Map<String, ?> values) {
    return write(values, true);
  }

  /** The object that a text holds. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> parse(String text) throws JsonProcessingException {
    return MAPPER.readValue(text, LinkedHashMap.class);
  }

  private static String write(Map<String, ?> values, boolean indent) {
    try {
      ObjectWriter writer = indent ? MAPPER.writerWithDefaultPrettyPrinter() : MAPPER.writer();
      return writer.writeValueAsString(finite(values));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Values must be representable in JSON: " + values, e);
    }
  }

  private static Map<String, Object> finite(Map<String, ?> values) {
    Map<String, Object> result = new LinkedHashMap<>();
    values.forEach((name, value) -> result.put(name, finite(value)));
    return result;
  }

  private static Object finite(Object value) {
    if (value instanceof Double number && !Double.isFinite(number)) {
      return null;
    }
    if (value instanceof Float number && !Float.isFinite(number)) {
      return null;
    }
    if (value instanceof Map<?, ?> nested) {
      Map<String, Object> result = new LinkedHashMap<>();
      nested.forEach((name, inner) -> result.put(String.valueOf(name), finite(inner)));
      return result;
    }
    if (value instanceof Iterable<?> list) {
      List<Object> result = new ArrayList<>();
      list.forEach(inner -> result.add(finite(inner)));
      return result;
    }
    return value;
  }
}
