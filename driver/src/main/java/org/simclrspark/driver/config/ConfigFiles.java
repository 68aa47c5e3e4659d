package org.simclrspark.driver.config;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads configuration files in HOCON and settings of the command line. */
public final class ConfigFiles {

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^}]*}");

  /** A configuration is small; a larger file is something else. */
  private static final int LARGEST = 1 << 20;

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
    return parse(file, List.of(file.getAbsoluteFile()));
  }

  /**
   * Reads a local file.
   *
   * @param parents the file and those that include it
   */
  static Config parse(File file, List<File> parents) {
    if (!file.exists()) {
      throw new ConfigurationException(
          file + ": the configuration file must exist, found none. Check --conf.");
    }
    if (file.isDirectory() || !file.canRead()) {
      throw new ConfigurationException(
          file
              + ": the configuration must be a file that can be read, found "
              + (file.isDirectory() ? "a directory" : "one without permission to read")
              + ". Check --conf.");
    }
    if (file.getName().matches("(?i).*\\.ya?ml")) {
      throw new ConfigurationException(
          file
              + ": the configuration must be HOCON or JSON, found a YAML file. Write simclr { train {"
              + " batch = 512 } } in a file that ends in .conf.");
    }
    try (InputStream in = new FileInputStream(file)) {
      return parse(in.readNBytes(LARGEST + 1), file.toString(), parents);
    } catch (IOException e) {
      throw new ConfigurationException(
          file + ": the configuration must be a file that can be read, found " + e.getMessage());
    }
  }

  /**
   * Reads a file from anywhere.
   *
   * @param bytes of the file
   * @param name of the file, for messages
   * @throws ConfigurationException if it cannot be read or is not HOCON
   */
  public static Config parse(byte[] bytes, String name) {
    return parse(bytes, name, List.of());
  }

  private static Config parse(byte[] bytes, String name, List<File> parents) {
    if (bytes.length > LARGEST) {
      throw new ConfigurationException(
          name + ": the configuration must have at most 1 MiB, found more. Check --conf.");
    }
    String text = decode(bytes, name);
    HoconText read = new HoconText(text);
    throwIfAny(name, read.cut());
    try {
      Config parsed =
          ConfigFactory.parseString(
              text,
              ConfigParseOptions.defaults()
                  .setOriginDescription(name)
                  .setIncluder(new Includes(name, parents)));
      throwIfAny(name, read.repeated());
      return parsed;
    } catch (ConfigException e) {
      int line = e.origin() == null ? 0 : e.origin().lineNumber();
      throw new ConfigurationException(told(name, read.unreadable(line)));
    } catch (StackOverflowError e) {
      throw new ConfigurationException(
          name + ": the configuration must not nest as deep as it does. Check --conf.");
    }
  }

  private static String decode(byte[] bytes, String name) {
    try {
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') < 0) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
      }
    } catch (CharacterCodingException e) {
      // Told below.
    }
    throw new ConfigurationException(
        name
            + ": the configuration must be text in UTF-8, found other bytes. Save it as UTF-8, and"
            + " check --conf.");
  }

  private static void throwIfAny(String name, List<HoconText.Finding> findings) {
    if (!findings.isEmpty()) {
      throw new ConfigurationException(
          findings.stream().map(finding -> told(name, finding)).toList());
    }
  }

  private static String told(String name, HoconText.Finding finding) {
    return name + ":" + finding.line() + ": " + finding.statement() + ". " + finding.remedy();
  }

  /** The text of a file, without references to other files or to this machine's environment. */
  public static String render(Config file) {
    try {
      return file.resolveWith(file.withFallback(reference()))
          .withOnlyPath(SimclrConfig.ROOT)
          .root()
          .render(ConfigRenderOptions.concise());
    } catch (ConfigException e) {
      throw unresolved(e);
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
   * A point of a grid over settings over file over defaults, with every reference to another key or
   * to the environment resolved.
   */
  static Config merge(
      Config file, List<String> settings, List<String> point, Config defaults, Problems problems) {
    Config result = sections(file, defaults, problems).withFallback(defaults);
    for (String setting : settings) {
      result =
          parseSetting(setting, Problems.COMMAND_LINE, defaults, problems).withFallback(result);
    }
    for (String setting : point) {
      result = parseSetting(setting, Problems.GRID, defaults, problems).withFallback(result);
    }
    try {
      return result.resolve();
    } catch (ConfigException e) {
      throw unresolved(e);
    }
  }

  /** Drops what is not inside {@code simclr { }}, and notes it where nothing else names it. */
  private static Config sections(Config file, Config defaults, Problems problems) {
    ConfigObject known = defaults.getObject(SimclrConfig.ROOT);
    String whole = file.root().render(ConfigRenderOptions.concise());
    Config result = file;
    for (Map.Entry<String, ConfigValue> entry : file.root().entrySet()) {
      String name = entry.getKey();
      ConfigOrigin origin = entry.getValue().origin();
      if (name.equals(SimclrConfig.ROOT)) {
        if (entry.getValue().valueType() != ConfigValueType.OBJECT) {
          problems.add(origin, name, "must be a section", "Write simclr { ... }.");
          result = result.withoutPath(name);
        }
      } else if (known.containsKey(name)) {
        problems.add(origin, name, "must stand inside simclr { }", "Move it there.");
      } else if (Names.distance(name, SimclrConfig.ROOT) <= 2) {
        problems.add(origin, name, "is not a known section", "Did you mean simclr?");
      } else if (!whole.contains("${" + name) && !whole.contains("${?" + name)) {
        problems.add(
            origin,
            name,
            "must stand inside simclr { }, or be what a ${" + name + "} there refers to",
            "Move it there, or leave it out.");
      }
    }
    return result;
  }

  private static Config parseSetting(
      String setting, String option, Config defaults, Problems problems) {
    ConfigOrigin origin = ConfigOriginFactory.newSimple(option);
    int equals = setting.indexOf('=');
    if (equals <= 0) {
      problems.add(
          origin, setting, "must have the form key=value", "For example --set train.batch=512.");
      return empty();
    }
    String key = setting.substring(0, equals).strip();
    if (!KEY.matcher(key).matches()) {
      problems.add(
          origin,
          key,
          "must be a key: lower-case words with points between them",
          "For example --set train.batch=512.");
      return empty();
    }
    if (!key.startsWith(SimclrConfig.ROOT + ".")) {
      key = SimclrConfig.ROOT + "." + key;
    }
    try {
      ConfigValue value = parseValue(setting.substring(equals + 1).strip(), option);
      boolean isSection =
          Keys.find(defaults.root(), key).filter(ConfigObject.class::isInstance).isPresent();
      if (isSection && !(value instanceof ConfigObject)) {
        problems.add(
            origin,
            setting.substring(0, equals).strip(),
            "must be a section with keys of its own, found " + Section.render(value),
            "Set one of its keys.");
        return empty();
      }
      return value.atPath(key);
    } catch (ConfigException | StackOverflowError e) {
      problems.add(
          origin,
          setting,
          "must be a key and a value that can be read",
          "Close what begins with [, { or a quote; lists look like [0.08, 1], and texts in them are"
              + " in quotes.");
      return empty();
    }
  }

  /**
   * Lists, sections and quoted texts are HOCON; anything else is taken as it is, because in HOCON
   * the two slashes of {@code s3a://bucket} start a comment.
   */
  private static ConfigValue parseValue(String text, String option) {
    boolean structured = text.startsWith("[") || text.startsWith("{") || text.startsWith("\"");
    if (structured || text.equals("null") || NUMBER.matcher(text).matches()) {
      return ConfigFactory.parseString(
              "value = " + text,
              ConfigParseOptions.defaults()
                  .setOriginDescription(option)
                  .setIncluder(new Includes(option, List.of())))
          .root()
          .get("value");
    }
    return ConfigValueFactory.fromAnyRef(text, option);
  }

  /** A reference to what is not there, or to itself. */
  private static ConfigurationException unresolved(ConfigException e) {
    String where = e.origin() == null ? "configuration" : Problems.where(e.origin());
    Matcher reference = REFERENCE.matcher(String.valueOf(e.getMessage()));
    String found = reference.find() ? reference.group() : "one that leads back to itself";
    return new ConfigurationException(
        where
            + ": a reference must name another key of the file or a variable of the environment that"
            + " is set, found "
            + found
            + ". Set it, or write the value itself.");
  }
}
