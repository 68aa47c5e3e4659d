package org.simclrspark.driver.overview;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.overview.RunStatus.Phase;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.FileSystems.Kind;
import org.simclrspark.driver.storage.Server;

@ExtendWith(FileSystems.Parameter.class)
class ReportPageTest {

  @TempDir java.nio.file.Path directory;
  private final Configuration local = new Configuration();

  @ParameterizedTest
  @EnumSource(Kind.class)
  void isMadeOfARunAnywhere(Kind kind, FileSystems fileSystems) throws Exception {
    Server server = fileSystems.server(kind);
    Path run = server.newDirectory();
    TestRuns.write(run, server.configuration(), 100, 0.5, Phase.FINISHED);
    Map<?, ?> shown = run(data(ReportPage.of(List.of(run), server.configuration())), 0);
    assertThat(shown.get("state")).isEqualTo("finished");
    assertThat(shown.get("step")).isEqualTo(100);
    assertThat(shown.get("steps")).isEqualTo(3000);
    assertThat(shown.get("checkpoint_step")).isEqualTo(100);
    assertThat(((Map<?, ?>) shown.get("published")).get("dataset")).isEqualTo("CIFAR-10");
    assertThat((List<?>) ((Map<?, ?>) shown.get("history")).get("step")).hasSize(100);
  }

  @Test
  void namesThatHoldMarkupAreTextsInTheData() throws Exception {
    Path run = new Path(directory.resolve("run").toUri());
    TestRuns.write(run, local, 10, 0.5, Phase.FAILED);
    byte[] page = ReportPage.of(List.of(run), local);
    String text = new String(page, UTF_8);
    assertThat(text).doesNotContain("<img src=x").doesNotContain("{{");
    assertThat(Pattern.compile("</script>").matcher(text).results()).hasSize(4);
    assertThat(text)
        .contains("Content-Security-Policy")
        .doesNotContain("script-src 'unsafe-inline'");
    assertThat(text).contains("The MIT License", "uPlot").doesNotContainPattern("src=\"https?:");
    assertThat(String.valueOf(run(data(page), 0).get("reason"))).contains(TestRuns.HOSTILE);
  }

  @Test
  void tellsWhatDiffersFromTheDefaults() throws Exception {
    Path run = new Path(directory.resolve("run").toUri());
    TestRuns.write(run, local, 10, 0.1, Phase.FINISHED);
    List<?> settings = (List<?>) run(data(ReportPage.of(List.of(run), local)), 0).get("settings");
    List<Object> differing =
        settings.stream()
            .map(setting -> (Map<?, ?>) setting)
            .filter(setting -> Boolean.TRUE.equals(setting.get("differs")))
            .<Object>map(setting -> setting.get("key"))
            .toList();
    assertThat(differing)
        .contains("train.batch", "encoder.depth", "data.train")
        .doesNotContain("loss.temperature", "optimizer.momentum");
  }

  @Test
  void manyRunsStayInOneFileOfAFewMegabytes() throws Exception {
    Path run = new Path(directory.resolve("runs/one").toUri());
    Path other = new Path(directory.resolve("runs/two/one").toUri());
    TestRuns.write(run, local, 20_000, 0.5, Phase.FINISHED);
    TestRuns.write(other, local, 20_000, 0.1, Phase.FINISHED);
    byte[] one = ReportPage.of(List.of(run), local);
    assertThat(one.length).isLessThan(1_500_000);
    byte[] both = ReportPage.of(List.of(run, other), local);
    assertThat(both.length).isLessThan(3_000_000);
    assertThat(run(data(both), 0).get("name")).isEqualTo("runs/one");
    assertThat(run(data(both), 1).get("name")).isEqualTo("two/one");
  }

  @Test
  void aDirectoryWithoutARunIsAMistake() {
    Path nothing = new Path(directory.resolve("nothing").toUri());
    assertThatThrownBy(() -> ReportPage.of(List.of(nothing), local))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("must hold a run with its config.conf, found none in " + nothing);
  }

  private static Map<String, Object> data(byte[] page) throws Exception {
    Matcher matcher =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(new String(page, UTF_8));
    assertThat(matcher.find()).isTrue();
    return Json.parse(matcher.group(1));
  }

  private static Map<?, ?> run(Map<String, Object> data, int index) {
    return (Map<?, ?>) ((List<?>) data.get("runs")).get(index);
  }
}
