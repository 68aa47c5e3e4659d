package org.simclrspark.driver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A configuration file as a {@code data:} URI (RFC 2397), as the launcher sends it to a driver that
 * runs elsewhere and cannot read the submitter's files.
 *
 * @param name for messages
 * @param text what the file holds
 */
record InlineFile(String name, String text) {

  private static final Pattern URI =
      Pattern.compile("data:application/hocon;name=([^;,]*);base64,([A-Za-z0-9+/=]*)");

  /** The file that a value of {@code --conf} holds; empty if it names one instead. */
  static Optional<InlineFile> parse(String conf) {
    Matcher uri = URI.matcher(conf);
    return uri.matches()
        ? Optional.of(
            new InlineFile(
                uri.group(1), new String(Base64.getDecoder().decode(uri.group(2)), UTF_8)))
        : Optional.empty();
  }

  /** The value of {@code --conf} that holds this file. */
  String uri() {
    return "data:application/hocon;name="
        + name.replaceAll("[^A-Za-z0-9._-]", "_")
        + ";base64,"
        + Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
