package org.simclrspark.driver.config;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Recognises keys and passwords where they do not belong, and keeps them out of what is shown. */
public final class Secrets {

  /** Where a secret belongs. */
  public static final String REMEDY =
      "Give it by a credential provider of Hadoop, the environment (AWS_ACCESS_KEY_ID and"
          + " AWS_SECRET_ACCESS_KEY), or spark.hadoop.* in a file: -- --properties-file FILE.";

  private static final String MASK = "***";

  /** The user-info of a URI with a password in it: {@code //USER:PASSWORD@}. */
  private static final Pattern USER_INFO = Pattern.compile("//[^/@\\s:]*:[^/@\\s]*@");

  /** Names of settings whose values are secret. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?i).*(secret|password|passwd|access\\.?key|session\\.?token|account\\.key"
              + "|credential\\.value|private\\.key).*");

  private static final Pattern SETTING =
      Pattern.compile(
          "(?i)([\\w.-]*(?:secret|password|access\\.key|session\\.token)[\\w.-]*=)\\S+");

  private Secrets() {}

  /** A text with what can be recognised as a secret replaced by {@value #MASK}. */
  public static String redact(String text) {
    if (text == null) {
      return "";
    }
    String shown = USER_INFO.matcher(text).replaceAll("//" + MASK + "@");
    return SETTING.matcher(shown).replaceAll("$1" + MASK);
  }

  /** Whether a URI carries a password. */
  public static boolean hasPassword(String uri) {
    return USER_INFO.matcher(uri).find();
  }

  /**
   * Names of settings among command-line options whose values every user of the machine can read in
   * its list of processes.
   *
   * @param options such as {@code --conf}, {@code spark.hadoop.fs.s3a.secret.key=...}
   */
  public static List<String> exposed(List<String> options) {
    return options.stream()
        .map(option -> option.replaceFirst("^--conf=", ""))
        .filter(option -> option.indexOf('=') > 0)
        .flatMap(
            option -> {
              String name = option.substring(0, option.indexOf('='));
              return isSecret(name) ? Stream.of(name) : Stream.empty();
            })
        .toList();
  }

  /** Names of providers and files, and references to secrets of Kubernetes, are none themselves. */
  private static boolean isSecret(String name) {
    return NAME.matcher(name).matches()
        && !name.startsWith("spark.kubernetes.")
        && !name.endsWith(".path")
        && !name.endsWith(".file")
        && !name.endsWith(".provider");
  }
}
