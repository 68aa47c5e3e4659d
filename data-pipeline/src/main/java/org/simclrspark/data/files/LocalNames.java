package org.simclrspark.data.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;

/**
 * Names of local files in UTF-8. Strings become paths by way of URIs, whose escapes the JDK takes
 * for the bytes of a name; otherwise it would encode them as the locale says, which with {@code
 * LC_ALL=C} loses all that is not ASCII.
 */
public final class LocalNames {
  private static final String HEX = "0123456789ABCDEF";

  private LocalNames() {}

  /**
   * The path of an absolute name.
   *
   * @param name begins with a slash, or with {@code file:} and one
   */
  public static Path path(String name) {
    String plain =
        name.startsWith(LocalFiles.SCHEME) ? name.substring(LocalFiles.SCHEME.length()) : name;
    StringBuilder uri = new StringBuilder("file://");
    for (byte b : plain.getBytes(UTF_8)) {
      char character = (char) (b & 0xFF);
      if (isPlain(character)) {
        uri.append(character);
      } else {
        uri.append('%').append(HEX.charAt(character >> 4)).append(HEX.charAt(character & 15));
      }
    }
    return Path.of(URI.create(uri.toString()));
  }

  private static boolean isPlain(char character) {
    return (character >= 'a' && character <= 'z')
        || (character >= 'A' && character <= 'Z')
        || (character >= '0' && character <= '9')
        || "/._-".indexOf(character) >= 0;
  }

  /**
   * The name of an absolute path.
   *
   * @throws IOException if it is not UTF-8
   */
  public static String name(Path path) throws IOException {
    String text = path.toString();
    if (text.chars().allMatch(character -> character < 0x80)) {
      return text;
    }
    byte[] bytes = bytes(path.toUri().getRawPath());
    String name;
    try {
      name = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(
          "a file's name must be UTF-8, but "
              + path.toUri().getRawPath()
              + " (bytes escaped) is not; rename it, for example with convmv",
          e);
    }
    // A URI's path ends with a slash if it is a directory's.
    return name.length() > 1 && name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  private static byte[] bytes(String escaped) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char character = escaped.charAt(i);
      if (character == '%') {
        bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(character);
      }
    }
    return bytes.toByteArray();
  }
}
