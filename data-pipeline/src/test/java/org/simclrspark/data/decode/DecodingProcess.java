package org.simclrspark.data.decode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;

/** Decodes the files that it is given, one after another, and says of each what came of it. */
final class DecodingProcess {
  private DecodingProcess() {}

  public static void main(String[] files) throws IOException {
    ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
    Pixels pixels = new Pixels();
    for (String file : files) {
      Path path = Path.of(file);
      ImageRecord image =
          new ImageRecord(
              0, null, path.getFileName().toString(), Encoding.FILE, Files.readAllBytes(path));
      try {
        decoder.decode(image, pixels);
        System.out.println("decoded " + image.name() + " " + decoder.repair().orElse(""));
      } catch (DamagedImageException | DataException e) {
        System.out.println("refused " + image.name() + " " + e.getMessage());
      }
    }
  }
}
