package org.simclrspark.driver.config;

import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import java.io.File;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a configuration file includes: local files, relative to its own folder. HOCON would
 * pass over one that does not exist, and fetch others from the network.
 */
final class Includes
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

  private final String name;
  private final List<File> parents;

  /**
   * Prepares the includes of a file.
   *
   * @param name of the file, for messages
   * @param parents the file and those that include it, the nearest last; none if it is not local
   */
  Includes(String name, List<File> parents) {
    this.name = name;
    this.parents = List.copyOf(parents);
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return includeFile(context, new File(what));
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    if (parents.isEmpty()) {
      throw refused(what.toString(), "only local files can include others");
    }
    File parent = parents.get(parents.size() - 1).getAbsoluteFile().getParentFile();
    File file = what.isAbsolute() ? what : new File(parent, what.getPath());
    if (parents.stream().anyMatch(file.getAbsoluteFile()::equals)) {
      throw refused(what.toString(), "a file cannot include itself");
    }
    if (!file.isFile()) {
      throw refused(what.toString(), "there is no such file in " + parent);
    }
    List<File> deeper = new ArrayList<>(parents);
    deeper.add(file.getAbsoluteFile());
    return ConfigFiles.parse(file, deeper).root();
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw refused(what.toString(), "nothing is fetched from elsewhere");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw refused(what, "the class path holds no configurations");
  }

  private ConfigurationException refused(String what, String reason) {
    return new ConfigurationException(
        name
            + ": include must name a file that can be read, found "
            + what
            + ": "
            + reason
            + ". Correct the name, or copy what it holds.");
  }
}
