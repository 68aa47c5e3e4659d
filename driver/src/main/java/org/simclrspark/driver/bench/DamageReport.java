package org.simclrspark.driver.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.simclrspark.data.bench.DamageCheck;

/** Counts what a process says that decodes damaged images, see {@link DamageCheck}. */
final class DamageReport {

  /** What a decoder's own failures look like. */
  private static final Pattern OF_THE_DECODER =
      Pattern.compile(
          "\\w(Exception|Error)\\b|null|out of bounds|out of range|by zero|cannot be cast");

  private int decoded;
  private int repaired;
  private int rejected;
  private int unnamed;
  private int strayLines;
  private long peakBytes;
  private int lastIndex = -1;
  private String lastImage = "";

  /** Takes a line of the process's output. */
  void add(String line) {
    if (!line.startsWith(DamageCheck.MARK)) {
      strayLines++;
      System.out.println("Printed while decoding " + lastImage + ": " + line);
      return;
    }
    String[] words = line.substring(DamageCheck.MARK.length()).split(" ", 3);
    String rest = words.length > 2 ? words[2] : "";
    switch (words[0]) {
      case "START" -> {
        lastIndex = Integer.parseInt(words[1]);
        lastImage = rest;
      }
      case "DECODED" -> decoded++;
      case "REPAIRED" -> repaired++;
      case "REJECTED" -> reject(rest);
      default -> peakBytes = Math.max(peakBytes, Long.parseLong(words[1]));
    }
  }

  /** A reason must say what is wrong with the image, not what happened in the decoder. */
  private void reject(String reason) {
    rejected++;
    if (reason.isBlank() || OF_THE_DECODER.matcher(reason).find()) {
      unnamed++;
      System.out.println(
          "Refused without a reason: " + lastIndex + ", " + lastImage + ": " + reason);
    }
  }

  int lastIndex() {
    return lastIndex;
  }

  String lastImage() {
    return lastImage;
  }

  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("decoded", decoded + repaired);
    figures.put("repaired", repaired);
    figures.put("rejected", rejected);
    figures.put("unnamed", unnamed);
    figures.put("stray_lines", strayLines);
    figures.put("peak_bytes", peakBytes);
    return figures;
  }
}
