package org.simclrspark.data.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.bench.DamagedImages.DamagedFile;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.decode.ImageDecoder;
import org.simclrspark.data.decode.Pixels;

/**
 * Decodes damaged images in a process of its own, which may die of them. Writes a line before each
 * image and a line after it, and at the end the largest memory of the process:
 *
 * <pre>
 * damage START 17 tiff-lzw: cut
 * damage REJECTED 17 the TIFF is truncated: ...
 * damage PEAK 123456
 * </pre>
 */
public final class DamageCheck {
  /** What stands before each line of its own. */
  public static final String MARK = "damage ";

  private DamageCheck() {}

  /** Takes the seed, the first index and the index behind the last. */
  public static void main(String[] arguments) throws IOException {
    DamagedImages images = new DamagedImages(Long.parseLong(arguments[0]));
    int to = Integer.parseInt(arguments[2]);
    ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
    Pixels pixels = new Pixels();
    for (int index = Integer.parseInt(arguments[1]); index < to; index++) {
      DamagedFile image = images.get(index);
      tell("START " + index + " " + image.form() + ": " + image.damage());
      tell(decode(decoder, index, image, pixels));
    }
    tell("PEAK " + peakBytes());
  }

  private static String decode(ImageDecoder decoder, int index, DamagedFile image, Pixels pixels) {
    ImageRecord record =
        new ImageRecord(index, null, image.form() + "-" + index, Encoding.FILE, image.file());
    try {
      decoder.decode(record, pixels);
      return (decoder.repair().isPresent() ? "REPAIRED " : "DECODED ") + index;
    } catch (DamagedImageException | DataException e) {
      return "REJECTED " + index + " " + e.getMessage();
    }
  }

  private static void tell(String line) {
    System.out.println(MARK + line);
  }

  /** The largest resident memory so far. */
  private static long peakBytes() throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }
}
