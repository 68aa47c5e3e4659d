package org.simclrspark.driver.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.simclrspark.driver.cli.Launch;

/**
 * Gives the command line configurations and settings that were damaged at random. Each must end as
 * if it were right (0) or with the mistake told in lines of the program's own (2).
 */
public final class ConfigurationDamage {

  private static final List<String> PIECES =
      List.of(
          "\"",
          "{",
          "}",
          "[",
          "]",
          "=",
          ":",
          ",",
          "//",
          "#",
          "$",
          "${",
          "${?X}",
          "+=",
          "\\",
          "\n",
          "\r\n",
          "\t",
          "\0",
          "\uFEFF",
          "\u0662",
          "\u00e9",
          "include \"x\"",
          "include url(\"file:x\")",
          "null",
          "NaN",
          "-1",
          "1e999",
          "0,1",
          "[0, 1]",
          "s3a://b/x",
          "${simclr}",
          "simclr.",
          "..",
          "\"\"\"",
          "true",
          "99999999999999999999",
          "1_000",
          "10 %",
          "1GiB",
          "'",
          "`",
          "*",
          "@");
  private static final List<String> KEYS =
      List.of(
          "data.train",
          "data.path",
          "train.batch",
          "train.shards",
          "train.micro-batch",
          "train.seed",
          "augment.crop-area",
          "augment.preset",
          "encoder.depth",
          "loss.temperature",
          "optimizer",
          "worker.activation-memory",
          "evaluate.knn.k",
          "simclr.train.epochs",
          "train",
          "x");

  /**
   * How many there were.
   *
   * @param configurations tried
   * @param accepted with status 0
   * @param refused with status 2
   * @param failures command lines with what they said, where they ended otherwise, or said what no
   *     person should read
   */
  public record Counts(int configurations, int accepted, int refused, List<String> failures) {}

  private final Random random;
  private final List<String> presets;
  private final Path file;

  private ConfigurationDamage(long seed, List<String> presets, Path file) {
    this.random = new Random(seed);
    this.presets = presets;
    this.file = file;
  }

  /**
   * Tries damaged configurations.
   *
   * @param configurations how many
   * @param folder of the presets to damage
   * @param scratch a folder to write into
   */
  public static Counts run(int configurations, long seed, Path folder, Path scratch)
      throws IOException {
    List<String> presets = new ArrayList<>();
    try (Stream<Path> found = Files.list(folder)) {
      for (Path preset :
          found.filter(path -> path.toString().endsWith(".conf")).sorted().toList()) {
        presets.add(Files.readString(preset, UTF_8));
      }
    }
    return new ConfigurationDamage(seed, presets, scratch.resolve("damaged.conf"))
        .run(configurations);
  }

  private Counts run(int configurations) throws IOException {
    int accepted = 0;
    int refused = 0;
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < configurations; i++) {
      String text = damaged(pick(presets));
      Files.write(file, random.nextInt(8) == 0 ? text.getBytes(ISO_8859_1) : text.getBytes(UTF_8));
      List<String> arguments = new ArrayList<>(List.of("pretrain", "--conf", file.toString()));
      for (int set = random.nextInt(3); set > 0; set--) {
        arguments.addAll(List.of("--set", setting()));
      }
      StringWriter said = new StringWriter();
      int status = status(arguments, said);
      accepted += status == 0 ? 1 : 0;
      refused += status == 2 ? 1 : 0;
      if (!isFit(status, said.toString())) {
        failures.add(arguments + " with status " + status + ":\n" + said + "\n" + text);
      }
    }
    return new Counts(configurations, accepted, refused, failures);
  }

  private static int status(List<String> arguments, StringWriter said) {
    try {
      return Launch.check(arguments, new PrintWriter(said, true));
    } catch (RuntimeException | Error e) {
      said.append(e.toString());
      return 1;
    }
  }

  /** Silence for what is right; lines of our own, each with rule and remedy, for what is not. */
  private static boolean isFit(int status, String said) {
    return status == 0
        ? said.isEmpty()
        : status == 2
            && !said.isBlank()
            && said.lines()
                .allMatch(
                    line ->
                        (line.startsWith("simclr: ") && !line.matches(".*(Exception|\\tat ).*"))
                            || line.startsWith("Try '"));
  }

  private String damaged(String text) {
    StringBuilder result = new StringBuilder(text);
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(result.length() + 1);
      int to = Math.min(result.length(), at + 1 + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> result.delete(at, to);
        case 1 -> result.insert(at, result.substring(at, to));
        case 2 -> result.setLength(at);
        case 3 -> result.replace(at, to, pick(PIECES));
        default -> result.insert(at, pick(PIECES));
      }
    }
    return result.toString();
  }

  private String setting() {
    String key = pick(KEYS);
    String value = pick(PIECES) + (random.nextBoolean() ? pick(PIECES) : "");
    return switch (random.nextInt(6)) {
      case 0 -> damaged(key + "=512");
      case 1 -> key;
      default -> key + "=" + value;
    };
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
