package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Names of images within archives, made plain as {@code tar} would when it unpacks them. */
final class MemberNames {
  private static final Pattern PLACE = Pattern.compile("^[a-zA-Z][a-zA-Z0-9+.-]*:(//[^/]*)?(?=/)");

  private MemberNames() {}

  /**
   * A name without a scheme, leading slashes, {@code .} and empty folders.
   *
   * @throws IOException if it leads out of the archive
   */
  static String plain(String name) throws IOException {
    List<String> parts = new ArrayList<>();
    for (String part : PLACE.matcher(name).replaceFirst("").split("/", -1)) {
      if (part.equals("..")) {
        throw new IOException(
            "a name within an archive must not lead out of it, found "
                + name
                + "; pack it again without ..");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  /** WebDataset's rule: what stands before the first dot behind the folders names the sample. */
  static String sample(String name) {
    int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    return dot < 0 ? name : name.substring(0, dot);
  }
}
