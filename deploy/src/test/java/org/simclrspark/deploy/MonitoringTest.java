package org.simclrspark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The dashboard and the alert rules can be read, and ask for figures that there are. */
class MonitoringTest {

  private static final Path MONITORING = Project.DEPLOY.resolve("monitoring");
  private static final Pattern METRIC =
      Pattern.compile(
          "metrics_simclr_driver_plugin_org_simclrspark_driver_metrics_SimclrPlugin_(\\w+)_Value");

  @Test
  void alertsAskForExportedFigures() throws IOException {
    JsonNode rules =
        new YAMLMapper().readTree(MONITORING.resolve("alerts.yaml").toFile()).at("/groups/0/rules");
    List<String> alerts = new ArrayList<>();
    for (JsonNode rule : rules) {
      alerts.add(rule.path("alert").asText());
      assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
      assertThat(rule.at("/annotations/description").asText()).isNotBlank();
      assertExported(rule.path("expr").asText());
    }
    assertThat(alerts)
        .containsExactly(
            "SimclrDriverGone",
            "SimclrStalled",
            "SimclrCollapsed",
            "SimclrCheckpointTooOld",
            "SimclrExecutorsLost");
  }

  @Test
  void panelsAskForExportedFigures() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(MONITORING.resolve("dashboard.json").toFile());
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(target.path("expr").asText());
      }
    }
    assertThat(expressions).hasSizeGreaterThan(20).allSatisfy(MonitoringTest::assertExported);
  }

  /** The names of a sweep's runs become a label, in Prometheus' own files and in its operator's. */
  @Test
  void figuresOfRunsGetALabel() throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    JsonNode rules =
        yaml.readTree(MONITORING.resolve("relabel.yaml").toFile()).path("metric_relabel_configs");
    JsonNode operators =
        yaml.readTree(Project.DEPLOY.resolve("kubernetes/base/pod-monitor.yaml").toFile())
            .at("/spec/podMetricsEndpoints/0/metricRelabelings");
    assertThat(rules).hasSize(2);
    assertThat(operators).hasSize(2);
    for (String name : exported()) {
      for (String run : List.of("batch_256_temperature_0_1_seed_1", "a_run_b")) {
        Map<String, String> expected = Map.of("__name__", exported(name), "run", run);
        String scraped = exported(name + "_run_" + run);
        assertThat(relabelled(rules, "target_label", scraped)).isEqualTo(expected);
        assertThat(relabelled(operators, "targetLabel", scraped)).isEqualTo(expected);
      }
      assertThat(relabelled(rules, "target_label", exported(name)))
          .isEqualTo(Map.of("__name__", exported(name)));
    }
  }

  /** As Prometheus does it: a rule applies where its expression matches the whole value. */
  private static Map<String, String> relabelled(JsonNode rules, String target, String name) {
    Map<String, String> labels = new HashMap<>(Map.of("__name__", name));
    for (JsonNode rule : rules) {
      Matcher matcher =
          Pattern.compile(rule.path("regex").asText()).matcher(labels.get("__name__"));
      if (matcher.matches()) {
        String replacement = rule.path("replacement").asText().replaceAll("[{}]", "");
        labels.put(rule.path(target).asText(), replacement.replace("$1", matcher.group(1)));
      }
    }
    return labels;
  }

  private static String exported(String name) {
    return "metrics_simclr_driver_plugin_org_simclrspark_driver_metrics_SimclrPlugin_"
        + name
        + "_Value";
  }

  private static void assertExported(String expression) {
    List<String> asked = METRIC.matcher(expression).results().map(match -> match.group(1)).toList();
    assertThat(asked).as(expression).isNotEmpty();
    // Nothing that looks like a name is left without the prefix.
    assertThat(METRIC.matcher(expression).replaceAll(""))
        .matches(
            "(absent\\(\\) and on\\(\\) last_over_time\\(\\[1h]\\)|delta\\(\\[15m]\\))?"
                + "\\s*([=<>]+ \\d+)?");
    assertThat(exported()).containsAll(asked);
  }

  /** Those that are documented, which are those that are exported: LiveMetricsTest compares. */
  private static Set<String> exported() {
    try {
      return Pattern.compile("(?m)^\\| `(\\w+)` \\|")
          .matcher(Files.readString(MONITORING.resolve("README.md")))
          .results()
          .map(match -> match.group(1))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
