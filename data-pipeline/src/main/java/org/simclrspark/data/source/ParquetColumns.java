package org.simclrspark.data.source;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.simclrspark.data.DataException;

/**
 * Which columns of a Parquet file hold what.
 *
 * @param image a binary column, or a group with a binary column "bytes"
 * @param label a column of whole numbers or text named "label" or "labels", or null
 * @param name a text column named "name", "path" or "file_name", or null
 * @param encoding a text column named "encoding", or null
 */
record ParquetColumns(Type image, Type label, Type name, Type encoding) {
  private static final List<String> IMAGE_NAMES =
      List.of("image", "img", "jpg", "png", "content", "bytes", "data");
  private static final String BYTES = "bytes";

  static ParquetColumns of(String file, MessageType schema) {
    return new ParquetColumns(
        image(file, schema),
        find(schema, List.of("label", "labels"), type -> isWhole(type) || isText(type)),
        find(schema, List.of("name", "path", "file_name"), ParquetColumns::isText),
        find(schema, List.of("encoding"), ParquetColumns::isText));
  }

  /** A schema of these columns alone. */
  MessageType projection(String name) {
    List<Type> types = new ArrayList<>();
    types.add(image.isPrimitive() ? image : bytesAlone(image.asGroupType()));
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

  private static GroupType bytesAlone(GroupType group) {
    return group.withNewFields(group.getType(BYTES));
  }

  private static Type image(String file, MessageType schema) {
    Type found = find(schema, IMAGE_NAMES, ParquetColumns::isImage);
    if (found != null) {
      return found;
    }
    List<Type> images = schema.getFields().stream().filter(ParquetColumns::isImage).toList();
    if (images.size() == 1) {
      return images.get(0);
    }
    throw new DataException(
        "A Parquet file must have one binary column with images, named image or the only one, but "
            + file
            + " has the columns "
            + schema.getFields().stream().map(Type::getName).toList()
            + "; rename one to image");
  }

  private static Type find(
      GroupType schema, List<String> names, java.util.function.Predicate<Type> fits) {
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
      return group.containsField(BYTES) && isBinary(group.getType(BYTES));
    }
    return isBinary(type);
  }

  private static boolean isBinary(Type type) {
    return is(type, PrimitiveTypeName.BINARY) && type.getLogicalTypeAnnotation() == null;
  }

  private static boolean isText(Type type) {
    return is(type, PrimitiveTypeName.BINARY)
        && type.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation;
  }

  private static boolean isWhole(Type type) {
    return is(type, PrimitiveTypeName.INT32) || is(type, PrimitiveTypeName.INT64);
  }

  private static boolean is(Type type, PrimitiveTypeName name) {
    return type instanceof PrimitiveType primitive
        && primitive.getPrimitiveTypeName() == name
        && !type.isRepetition(Type.Repetition.REPEATED);
  }
}
