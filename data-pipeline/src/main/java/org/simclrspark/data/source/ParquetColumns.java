package org.simclrspark.data.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.DatasetSpec.Columns;

/**
 * Which columns of a Parquet file hold what: those that the user names, those that Hugging Face's
 * metadata declares, or those with usual names.
 *
 * @param image a binary column, or a group with a binary column "bytes"
 * @param label a column of texts or numbers, or null
 * @param classNames what the numbers of the label stand for; null if they stand for themselves
 * @param name a text column with the images' names, or null
 * @param encoding a text column that says how images are stored; in prepared files alone, or null
 * @param size a column of the images' lengths in bytes; in prepared files alone, or null
 */
record ParquetColumns(
    Type image, Type label, List<String> classNames, Type name, Type encoding, Type size) {

  /** Names that a column of labels usually has, and a directory of one label in Hive's layout. */
  static final Set<String> LABEL_NAMES =
      Set.of(
          "label",
          "labels",
          "class",
          "class_name",
          "class_label",
          "category",
          "target",
          "fine_label",
          "coarse_label");

  private static final String LABEL = "label";
  private static final List<String> IMAGE_NAMES =
      List.of(
          "image", "img", "jpg", "jpeg", "png", "webp", "image_bytes", "content", "bytes", "data");
  private static final String BYTES = "bytes";
  private static final String PATH = "path";

  /**
   * The columns of a file.
   *
   * @param asked names that the user gave
   * @param withLabel whether labels are in a column, not in the names of directories
   * @throws DataException if the image column, or a named one, is not there or of another type, or
   *     several may be the label
   */
  static ParquetColumns of(String file, FileMetaData metadata, Columns asked, boolean withLabel) {
    MessageType schema = metadata.getSchema();
    if (metadata.getKeyValueMetaData().containsKey(PreparedDataset.MARK)) {
      return new ParquetColumns(
          schema.getType("image"),
          schema.getType(LABEL),
          null,
          schema.getType("name"),
          schema.getType("encoding"),
          schema.getType("size"));
    }
    HuggingFaceFeatures features = HuggingFaceFeatures.of(file, metadata);
    Type label = withLabel ? label(file, schema, features, asked.label()) : null;
    return new ParquetColumns(
        image(file, schema, features, asked.image()),
        label,
        label == null ? null : features.classes().get(label.getName()),
        first(schema, List.of("name", PATH, "file_name", "filename"), ParquetColumns::isText),
        null,
        null);
  }

  /** A schema of these columns alone. */
  MessageType projection(String name, boolean withImage) {
    List<Type> types = new ArrayList<>();
    if (withImage) {
      types.add(image);
    } else if (isNested() && image.asGroupType().containsField(PATH)) {
      GroupType group = image.asGroupType();
      types.add(group.withNewFields(group.getType(PATH)));
    }
    for (Type type : new Type[] {label, this.name, encoding}) {
      if (type != null) {
        types.add(type);
      }
    }
    return new MessageType(name, types);
  }

  boolean isNested() {
    return !image.isPrimitive();
  }

  /** The image's column from the root of the schema on. */
  String[] imagePath() {
    return isNested() ? new String[] {image.getName(), BYTES} : new String[] {image.getName()};
  }

  private static Type image(
      String file, MessageType schema, HuggingFaceFeatures features, String asked) {
    if (asked != null) {
      return asked(
          file,
          schema,
          asked,
          "data.columns.image",
          ParquetColumns::isImage,
          "a binary column, or a group with one named bytes");
    }
    List<Type> declared =
        features.images().stream()
            .filter(schema::containsField)
            .map(schema::getType)
            .filter(ParquetColumns::isImage)
            .toList();
    if (declared.size() == 1) {
      return declared.get(0);
    }
    Type usual = first(schema, IMAGE_NAMES, ParquetColumns::isImage);
    if (usual != null) {
      return usual;
    }
    List<Type> images = schema.getFields().stream().filter(ParquetColumns::isImage).toList();
    if (images.size() == 1) {
      return images.get(0);
    }
    throw new DataException(
        "A Parquet file must have one binary column with images, named image or the only one, but "
            + file
            + " has the columns "
            + described(schema)
            + "; name one with data.columns.image");
  }

  private static Type label(
      String file, MessageType schema, HuggingFaceFeatures features, String asked) {
    if (asked != null) {
      return asked(
          file,
          schema,
          asked,
          "data.columns.label",
          ParquetColumns::isLabel,
          "a column of texts or numbers");
    }
    Type usual = first(schema, List.of(LABEL), ParquetColumns::isLabel);
    if (usual != null) {
      return usual;
    }
    List<Type> candidates =
        schema.getFields().stream()
            .filter(ParquetColumns::isLabel)
            .filter(
                type ->
                    LABEL_NAMES.contains(type.getName())
                        || features.classes().containsKey(type.getName()))
            .toList();
    if (candidates.size() > 1) {
      throw new DataException(
          "The label must be one column, but "
              + file
              + " has "
              + candidates.stream().map(Type::getName).toList()
              + "; name one with data.columns.label");
    }
    return candidates.isEmpty() ? null : candidates.get(0);
  }

  /** The column that the user names. */
  private static Type asked(
      String file, MessageType schema, String name, String key, Predicate<Type> fits, String kind) {
    Type named = named(file, schema, name, key);
    if (!fits.test(named)) {
      throw new DataException(
          key
              + " must name "
              + kind
              + ", but "
              + name
              + " in "
              + file
              + " is "
              + described(named)
              + "; name another");
    }
    return named;
  }

  private static Type named(String file, MessageType schema, String name, String key) {
    if (schema.containsField(name)) {
      return schema.getType(name);
    }
    throw new DataException(
        key
            + " must name a column, but "
            + file
            + " has no "
            + name
            + ". Its columns: "
            + described(schema)
            + nearest(schema, name));
  }

  private static String nearest(MessageType schema, String name) {
    return schema.getFields().stream()
        .map(Type::getName)
        .filter(other -> distance(other, name) <= 1 + name.length() / 4)
        .min((a, b) -> Integer.compare(distance(a, name), distance(b, name)))
        .map(other -> ". Did you mean " + other + "?")
        .orElse("");
  }

  /** Levenshtein's distance, upper and lower case the same. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
        int replaced = diagonal + (same ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static Type first(GroupType schema, List<String> names, Predicate<Type> fits) {
    for (String name : names) {
      if (schema.containsField(name) && fits.test(schema.getType(name))) {
        return schema.getType(name);
      }
    }
    return null;
  }

  private static boolean isImage(Type type) {
    if (type.isRepetition(Type.Repetition.REPEATED)) {
      return false;
    }
    if (!type.isPrimitive()) {
      GroupType group = type.asGroupType();
      return group.containsField(BYTES) && isBytes(group.getType(BYTES));
    }
    return isBytes(type);
  }

  private static boolean isBytes(Type type) {
    return (is(type, PrimitiveTypeName.BINARY) || is(type, PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY))
        && type.getLogicalTypeAnnotation() == null;
  }

  private static boolean isText(Type type) {
    return is(type, PrimitiveTypeName.BINARY)
        && (type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation
            || type.getLogicalTypeAnnotation() instanceof EnumLogicalTypeAnnotation);
  }

  private static boolean isLabel(Type type) {
    return isText(type)
        || ((is(type, PrimitiveTypeName.INT32)
                || is(type, PrimitiveTypeName.INT64)
                || is(type, PrimitiveTypeName.BOOLEAN)
                || is(type, PrimitiveTypeName.DOUBLE)
                || is(type, PrimitiveTypeName.FLOAT))
            && !(type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation));
  }

  private static boolean is(Type type, PrimitiveTypeName name) {
    return type.isPrimitive()
        && type.asPrimitiveType().getPrimitiveTypeName() == name
        && !type.isRepetition(Type.Repetition.REPEATED);
  }

  private static String described(MessageType schema) {
    Set<String> columns = new TreeSet<>();
    schema.getFields().forEach(type -> columns.add(type.getName() + " (" + described(type) + ")"));
    return String.join(", ", columns);
  }

  private static String described(Type type) {
    if (type.isRepetition(Type.Repetition.REPEATED)) {
      return "repeated";
    }
    if (!type.isPrimitive()) {
      return "group of " + type.asGroupType().getFields().stream().map(Type::getName).toList();
    }
    return type.getLogicalTypeAnnotation() == null
        ? type.asPrimitiveType()
            .getPrimitiveTypeName()
            .toString()
            .toLowerCase(java.util.Locale.ROOT)
        : type.getLogicalTypeAnnotation().toString().toLowerCase(java.util.Locale.ROOT);
  }
}
