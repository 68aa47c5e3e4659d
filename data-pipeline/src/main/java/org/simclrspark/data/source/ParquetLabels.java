package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.Type;
import org.simclrspark.data.DataException;

/** Names of classes, from a column or from a directory in Hive's layout. */
final class ParquetLabels {
  private static final Pattern ESCAPED = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");
  private static final String NONE_IN_HIVE = "__HIVE_DEFAULT_PARTITION__";

  private ParquetLabels() {}

  /**
   * The label that a directory gives all the rows below it, such as {@code label=sea%20lion}.
   *
   * @param asked the label's name, or null for the usual names
   * @return empty without such a directory
   */
  static Optional<Partition> partition(String path, String asked) {
    Partition found = null;
    for (String directory : path.split("/", -1)) {
      int equals = directory.indexOf('=');
      String key = equals < 0 ? "" : unescaped(directory.substring(0, equals));
      if (equals > 0
          && (asked == null ? ParquetColumns.LABEL_NAMES.contains(key) : key.equals(asked))) {
        String value = directory.substring(equals + 1);
        found = new Partition(key, value.equals(NONE_IN_HIVE) ? null : unescaped(value));
      }
    }
    return Optional.ofNullable(found);
  }

  /**
   * A directory of one label.
   *
   * @param key what stands before the equals sign
   * @param label null for rows without one
   */
  record Partition(String key, String label) {}

  /** Hive writes bytes that a file system may not take as % and two hexadecimal digits. */
  private static String unescaped(String text) {
    return ESCAPED
        .matcher(text)
        .replaceAll(
            found -> {
              byte[] bytes = HexFormat.of().parseHex(found.group().replace("%", ""));
              return Matcher.quoteReplacement(new String(bytes, UTF_8));
            });
  }

  /**
   * The label of a row, or null.
   *
   * @param names of the classes by number, or null
   * @throws DataException if a number stands for no class
   */
  static String of(Group row, Type column, List<String> names) {
    String name = column.getName();
    if (row.getFieldRepetitionCount(name) == 0) {
      return null;
    }
    return switch (column.asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> numbered(row.getInteger(name, 0), names, name);
      case INT64 -> numbered(row.getLong(name, 0), names, name);
      case FLOAT -> whole(row.getFloat(name, 0), names, name);
      case DOUBLE -> whole(row.getDouble(name, 0), names, name);
      case BOOLEAN -> Boolean.toString(row.getBoolean(name, 0));
      default -> row.getString(name, 0);
    };
  }

  /** Hugging Face writes -1 where there is no label. */
  private static String numbered(long number, List<String> names, String column) {
    if (names == null) {
      return Long.toString(number);
    }
    if (number == -1) {
      return null;
    }
    if (number < 0 || number >= names.size()) {
      throw new DataException(
          "A label must be the number of one of "
              + names.size()
              + " classes, but column "
              + column
              + " holds "
              + number);
    }
    return names.get((int) number);
  }

  /** Pandas makes decimal numbers of whole ones where some are missing. */
  private static String whole(double number, List<String> names, String column) {
    if (Double.isNaN(number)) {
      return null;
    }
    if (number != Math.rint(number)) {
      throw new DataException(
          "A label must be a text or a whole number, but column " + column + " holds " + number);
    }
    return numbered((long) number, names, column);
  }
}
