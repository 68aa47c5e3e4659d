package org.simclrspark.driver.cli;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.worker.machine.Isa;

/**
 * Starts Spark with the settings of each argument ({@code KEY=VALUE,KEY=VALUE}) and tells what came
 * of it, a line each. In a process of its own, since there is one Spark in a process.
 */
final class FailingStarts {

  private FailingStarts() {}

  /** Arguments: settings. */
  public static void main(String[] arguments) {
    for (String argument : arguments) {
      Map<String, String> settings = new TreeMap<>();
      for (String setting : argument.split(",", -1)) {
        String[] keyAndValue = setting.split("=", 2);
        settings.put(keyAndValue[0], keyAndValue[1]);
      }
      settings.forEach(System::setProperty);
      try (JavaSparkContext spark = SparkContexts.start("x", "local[1]", 1, Isa.NATIVE, Map.of())) {
        System.out.println("started " + spark.version());
      } catch (ConfigurationException e) {
        System.out.println(e.getMessage());
      }
      settings.keySet().forEach(System::clearProperty);
    }
  }
}
