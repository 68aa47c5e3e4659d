package org.simclrspark.driver.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing but this package touches dl4j-spark, so that another Spark needs no other change. */
class OneDoorTest {

  @Test
  void onlyThisPackageNamesDeeplearning4jSpark() throws IOException {
    List<Path> naming = new ArrayList<>();
    for (String module : List.of("loss", "data-pipeline", "worker", "driver")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          if (Files.readString(file).contains("org.deeplearning4j" + ".spark")) {
            naming.add(file.getParent().getFileName());
          }
        }
      }
    }
    assertThat(naming).containsOnly(Path.of("dl4j"));
  }
}
