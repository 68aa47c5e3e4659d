package org.simclrspark.data.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.apache.hadoop.conf.Configuration;

/** Lists a directory in a JVM of its own: name, length and first byte of each file, in Base64. */
final class FileNamesProgram {
  private FileNamesProgram() {}

  public static void main(String[] arguments) throws Exception {
    DataFiles files = DataFiles.of(arguments[0], new Configuration());
    String root = files.qualify(arguments[0]);
    try (Listing walk = files.walk(root, root, (kind, path) -> {})) {
      for (FoundFile file = walk.next(); file != null; file = walk.next()) {
        try (var input = files.open(file.path())) {
          String line =
              file.path().substring(root.length()) + " " + file.length() + " " + input.read();
          System.out.println(Base64.getEncoder().encodeToString(line.getBytes(UTF_8)));
        }
      }
    }
  }
}
