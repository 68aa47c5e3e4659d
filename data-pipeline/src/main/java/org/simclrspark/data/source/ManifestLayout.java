package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.simclrspark.data.index.DatasetSpec.Columns;

/**
 * How the lines of a manifest hold path and class: with a tab, a comma or a semicolon between them,
 * then texts may stand in quotation marks and the first line may name the columns; with a space
 * behind the extension of an image; or a path alone.
 *
 * @param separator between the columns; 0 for a line that is a path, a space as said
 * @param path number of the column with the path
 * @param label number of the column with the class; -1 without one
 * @param columns how many there are
 * @param hasHeader whether the first line names the columns
 */
record ManifestLayout(char separator, int path, int label, int columns, boolean hasHeader) {
  private static final char ALONE = 0;
  private static final List<String> PATHS =
      List.of(
          "path",
          "file",
          "filename",
          "file_name",
          "filepath",
          "file_path",
          "image_path",
          "image",
          "img",
          "img_path",
          "image_file",
          "image_name");
  private static final List<String> LABELS =
      List.of("label", "class", "class_name", "label_name", "category", "target", "y");
  private static final Pattern SPACED = Pattern.compile("\"?(.+?\\.[a-zA-Z]{3,4})\"?[ ]+(\\S.*)");

  /** A line's path and class, which may be null. */
  record Line(String path, String label) {}

  /**
   * Finds the layout from the first lines.
   *
   * @param lines without empty ones and comments
   * @param wanted columns by name
   * @throws IOException if there are columns that cannot be told apart
   */
  static ManifestLayout of(List<String> lines, Columns wanted) throws IOException {
    char separator = separator(lines);
    if (separator == ALONE || separator == ' ') {
      return new ManifestLayout(
          separator, 0, separator == ' ' ? 1 : -1, separator == ' ' ? 2 : 1, false);
    }
    List<String> first = fields(lines.get(0), separator);
    List<String> names = first.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    int path = find(names, wanted.image(), PATHS);
    if (path >= 0) {
      int label = find(names, wanted.label(), LABELS);
      if (label < 0 && names.size() > 1) {
        throw new IOException(
            "its columns are "
                + String.join(", ", first)
                + ", none of which is named label; set"
                + " data.columns.label");
      }
      return new ManifestLayout(separator, path, label, first.size(), true);
    }
    if (wanted.image() != null || wanted.label() != null || first.size() > 2) {
      throw new IOException(
          "its columns must be path and class, or its first line must name them, found: "
              + String.join(", ", first));
    }
    return new ManifestLayout(separator, 0, 1, 2, false);
  }

  private static int find(List<String> names, String wanted, List<String> usual) {
    if (wanted != null) {
      return names.indexOf(wanted.toLowerCase(Locale.ROOT));
    }
    return usual.stream().mapToInt(names::indexOf).filter(at -> at >= 0).findFirst().orElse(-1);
  }

  private static char separator(List<String> lines) throws IOException {
    if (lines.stream().anyMatch(line -> line.indexOf('\t') >= 0)) {
      return '\t';
    }
    if (lines.stream().allMatch(ImageFiles::isImage)) {
      return ALONE;
    }
    for (char separator : new char[] {',', ';'}) {
      boolean everywhere = true;
      for (String line : lines) {
        everywhere &= fields(line, separator).size() > 1;
      }
      if (everywhere) {
        return separator;
      }
    }
    boolean spaced = lines.stream().allMatch(line -> spaced(line) != null);
    return spaced ? ' ' : ALONE;
  }

  private static Line spaced(String line) {
    Matcher matcher = SPACED.matcher(line);
    return matcher.matches() && ImageFiles.isImage(matcher.group(1))
        ? new Line(matcher.group(1), matcher.group(2).strip())
        : null;
  }

  /**
   * A line in this layout.
   *
   * @throws IOException if it is in another one
   */
  Line parse(String line) throws IOException {
    if (separator == ALONE) {
      List<String> alone = fields(line, ALONE);
      return new Line(alone.get(0), null);
    }
    if (separator == ' ') {
      Line parsed = spaced(line);
      if (parsed == null) {
        throw new IOException("a path and a class must stand in it, as in the first lines");
      }
      return parsed;
    }
    List<String> fields = fields(line, separator);
    boolean isPathAlone = fields.size() == 1 && path == 0 && !hasHeader;
    if (fields.size() != columns && !isPathAlone) {
      throw new IOException(
          "it must have " + columns + " columns as the first line, found " + fields.size());
    }
    String text = label < 0 || isPathAlone ? "" : fields.get(label);
    return new Line(fields.get(path), text.isEmpty() ? null : text);
  }

  /** The fields of a line; within quotation marks a separator is text, and two marks are one. */
  private static List<String> fields(String line, char separator) throws IOException {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean isQuoted = false;
    for (int i = 0; i < line.length(); i++) {
      char character = line.charAt(i);
      if (character == '"' && isQuoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append('"');
        i++;
      } else if (character == '"' && (isQuoted || field.toString().isBlank())) {
        isQuoted = !isQuoted;
        if (isQuoted) {
          field.setLength(0);
        }
      } else if (character == separator && !isQuoted && separator != ALONE) {
        fields.add(field.toString().strip());
        field.setLength(0);
      } else {
        field.append(character);
      }
    }
    if (isQuoted) {
      throw new IOException("a quotation mark in it is not closed");
    }
    fields.add(field.toString().strip());
    return fields;
  }
}
