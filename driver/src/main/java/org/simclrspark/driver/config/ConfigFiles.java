package org.simclrspark.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.File;
import java.io.Reader;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads configuration files in HOCON and settings of the command line. */
public final class ConfigFiles {

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

  private ConfigFiles() {}

  /** A file without a key. */
  public static Config empty() {
    return ConfigFactory.empty();
  }

  /**
   * Reads a local file.
   *
   * @throws ConfigurationException if it cannot be read or is not HOCON
   */
  public static Config parse(File file) {
    if (!file.exists()) {
      throw new ConfigurationException(
          file + ": the configuration file must exist, found none. Check --conf.");
    }
    if (!file.isFile() || !file.canRead()) {
      throw new ConfigurationException(
          file
              + ": the configuration must be a file that can be read, found "
              + (file.isFile() ? "one without permission to read" : "a directory")
              + ". Check --conf.");
    }
    try {
      return ConfigFactory.parseFile(file, ConfigParseOptions.defaults().setAllowMissing(false));
    } catch (ConfigException e) {
      throw unreadable(file.toString(), e);
    }
  }

  /**
   * Reads a file from anywhere.
   *
   * @param name of the file, for messages
   * @throws ConfigurationException if it cannot be read or is not HOCON
   */
  public static Config parse(Reader reader, String name) {
    try {
      return ConfigFactory.parseReader(
          reader, ConfigParseOptions.defaults().setOriginDescription(name));
    } catch (ConfigException e) {
      throw unreadable(name, e);
    }
  }

  /** The text of a file, without references to other files or to this machine's environment. */
  public static String render(Config file) {
    try {
      return file.resolveWith(file.withFallback(reference()))
          .root()
          .render(ConfigRenderOptions.concise());
    } catch (ConfigException e) {
      throw unreadable("configuration", e);
    }
  }

  /** The defaults, everything under {@code simclr}. */
  static Config reference() {
    return ConfigFactory.parseResources(
        SimclrConfig.class.getClassLoader(),
        Problems.REFERENCE,
        ConfigParseOptions.defaults().setAllowMissing(false));
  }

  /**
   * Settings over file over defaults, with every reference to another key or to the environment
   * resolved.
   */
  static Config merge(Config file, List<String> settings, Config defaults, Problems problems) {
    Config result = sections(file, defaults, problems).withFallback(defaults);
    for (String setting : settings) {
      result = parseSetting(setting, problems).withFallback(result);
    }
    try {
      return result.resolve();
    } catch (ConfigException e) {
      throw unreadable("configuration", e);
    }
  }

  /** Drops what is not inside {@code simclr { }}, and notes it where it was meant to be. */
  private static Config sections(Config file, Config defaults, Problems problems) {
    ConfigObject known = defaults.getObject(SimclrConfig.ROOT);
    Config result = file;
    for (Map.Entry<String, ConfigValue> entry : file.root().entrySet()) {
      String name = entry.getKey();
      ConfigOrigin origin = entry.getValue().origin();
      boolean root = name.equals(SimclrConfig.ROOT);
      if (known.containsKey(name)) {
        problems.add(origin, name, "must stand inside simclr { }", "Move it there.");
      } else if (!root && Names.distance(name, SimclrConfig.ROOT) <= 2) {
        problems.add(origin, name, "is not a known section", "Did you mean simclr?");
      } else if (root && entry.getValue().valueType() != ConfigValueType.OBJECT) {
        problems.add(origin, name, "must be a section", "Write simclr { ... }.");
        result = result.withoutPath(name);
      }
    }
    return result;
  }

  private static Config parseSetting(String setting, Problems problems) {
    ConfigOrigin origin = ConfigOriginFactory.newSimple(Problems.COMMAND_LINE);
    int equals = setting.indexOf('=');
    if (equals <= 0) {
      problems.add(
          origin, setting, "must have the form key=value", "For example --set train.batch=512.");
      return empty();
    }
    String key = setting.substring(0, equals).strip();
    if (!key.startsWith(SimclrConfig.ROOT + ".")) {
      key = SimclrConfig.ROOT + "." + key;
    }
    try {
      return parseValue(setting.substring(equals + 1).strip()).atPath(key);
    } catch (ConfigException e) {
      problems.add(origin, setting, "must be a key and a value that can be read", message(e) + ".");
      return empty();
    }
  }

  /**
   * Lists, sections and quoted texts are HOCON; anything else is taken as it is, because in HOCON
   * the two slashes of {@code s3a://bucket} start a comment.
   */
  private static ConfigValue parseValue(String text) {
    boolean structured = text.startsWith("[") || text.startsWith("{") || text.startsWith("\"");
    if (structured || text.equals("null") || NUMBER.matcher(text).matches()) {
      return ConfigFactory.parseString(
              "value = " + text,
              ConfigParseOptions.defaults().setOriginDescription(Problems.COMMAND_LINE))
          .root()
          .get("value");
    }
    return ConfigValueFactory.fromAnyRef(text, Problems.COMMAND_LINE);
  }

  private static ConfigurationException unreadable(String name, ConfigException e) {
    String where = e.origin() == null ? name : Problems.where(e.origin());
    return new ConfigurationException(
        where + ": the configuration must be valid HOCON, found a mistake: " + message(e) + ".");
  }

  /** The message in one line, without the place in front. */
  private static String message(ConfigException e) {
    String message = e.getMessage();
    if (e.origin() != null) {
      message = message.replace(e.origin().description() + ": ", "");
    }
    return message.replaceAll("\\s+", " ").replaceAll("\\.$", "");
  }
}
