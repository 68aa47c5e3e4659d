package org.simclrspark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sources as they are laid out: rooms import one way, and a name means one class. */
class RoomsTest {

  private static final Path PROJECT = Path.of(System.getenv("SIMCLR_HOME"));
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?(org\\.simclrspark[a-z0-9.]*)\\.", Pattern.MULTILINE);

  @ParameterizedTest
  @ValueSource(strings = {"loss", "worker"})
  void noRoomImportsOneThatImportsIt(String module) throws IOException {
    Map<String, TreeSet<String>> imports = new TreeMap<>();
    for (Path source : sources(module)) {
      String room = room(source);
      TreeSet<String> others = imports.computeIfAbsent(room, name -> new TreeSet<>());
      Matcher matcher = IMPORT.matcher(Files.readString(source));
      matcher.results().map(result -> result.group(1)).forEach(others::add);
      others.remove(room);
    }
    assertThat(imports).hasSizeGreaterThan(5);
    // Takes away rooms that import none that are left: what stays imports itself in the end.
    while (imports.keySet().removeIf(room -> disjoint(imports, room))) {}
    assertThat(imports).isEmpty();
  }

  private static boolean disjoint(Map<String, TreeSet<String>> imports, String room) {
    return imports.get(room).stream().noneMatch(imports::containsKey);
  }

  @Test
  void noTwoClassesHaveOneName() throws IOException {
    Map<String, List<Path>> byName = new TreeMap<>();
    for (String module : List.of("loss", "data-pipeline", "worker", "driver")) {
      for (Path source : sources(module)) {
        byName
            .computeIfAbsent(source.getFileName().toString(), name -> new ArrayList<>())
            .add(source);
      }
    }
    byName.remove("package-info.java");
    assertThat(byName).hasSizeGreaterThan(300);
    assertThat(byName.values()).allSatisfy(files -> assertThat(files).hasSize(1));
  }

  private static String room(Path source) throws IOException {
    return Pattern.compile("^package ([a-z0-9.]+);", Pattern.MULTILINE)
        .matcher(Files.readString(source))
        .results()
        .map(MatchResult::group)
        .map(line -> line.substring("package ".length(), line.length() - 1))
        .collect(Collectors.joining());
  }

  private static List<Path> sources(String module) throws IOException {
    try (Stream<Path> files = Files.walk(PROJECT.resolve(module).resolve("src/main/java"))) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }
}
