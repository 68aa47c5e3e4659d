package org.simclrspark.driver.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files that users start from: the presets and the table of keys. */
class PresetsTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  static List<Path> presets() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("conf"))) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void isUsableAsItIs(Path preset) {
    SimclrConfig config = SimclrConfig.load(ConfigFiles.parse(preset.toFile()), List.of());
    assertThat(config.data().test()).isPresent();
    assertThat(config.augment().settings().size()).isEqualTo(config.encoderSettings().imageSize());
  }

  @Test
  void thereAreSome() throws IOException {
    assertThat(presets()).hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void readmeHasEveryKeyWithItsDefaultAndMeaning() throws IOException {
    String readme = Files.readString(ROOT.resolve("conf/README.md"), UTF_8);
    Map<String, List<Object>> rows =
        Pattern.compile("^\\| `([a-z0-9.-]+)` \\| (?:`(.+)`)? ?\\| (.+) \\|$", Pattern.MULTILINE)
            .matcher(readme)
            .results()
            .filter(row -> row.group(1).contains("."))
            .collect(
                Collectors.toMap(
                    row -> row.group(1), row -> List.of(value(row.group(2)), row.group(3))));
    Map<String, List<Object>> keys = new TreeMap<>();
    Keys.leaves(ConfigFiles.reference().getObject(SimclrConfig.ROOT))
        .forEach(
            (key, value) ->
                keys.put(
                    key,
                    List.of(
                        String.valueOf(value.unwrapped()),
                        value.origin().comments().get(0).strip())));
    assertThat(new TreeMap<>(rows)).isEqualTo(keys);
  }

  private static String value(String cell) {
    return String.valueOf(
        ConfigFactory.parseString("value = " + cell).root().get("value").unwrapped());
  }
}
