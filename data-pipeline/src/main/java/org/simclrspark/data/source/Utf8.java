package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Texts that must be UTF-8: letters that were replaced could make two classes one. */
final class Utf8 {
  private Utf8() {}

  /**
   * The text of bytes.
   *
   * @param what the text is, for messages
   * @throws IOException if they are not UTF-8
   */
  static String text(byte[] bytes, String what) throws IOException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(what + " must be UTF-8, but is not; convert it", e);
    }
  }
}
