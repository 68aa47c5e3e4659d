package org.simclrspark.driver.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimclrConfigTest {

  @TempDir private Path directory;

  private SimclrConfig load(String text, String... settings) {
    return SimclrConfig.load(ConfigFiles.parse(file(text).toFile()), List.of(settings));
  }

  private Path file(String text) {
    try {
      return Files.writeString(directory.resolve("my.conf"), text, UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> problems(String text, String... settings) {
    try {
      load(text, settings);
    } catch (ConfigurationException e) {
      return e.problems();
    }
    throw new AssertionError("Must be refused:\n" + text);
  }

  @Test
  void settingsWinOverFileAndFileOverDefaults() {
    SimclrConfig config =
        load(
            "simclr { data.train = here, train { epochs = 3, seed = 4 } }",
            "train.epochs=5",
            "simclr.train.epochs=6");
    assertThat(config.train().epochs()).isEqualTo(6);
    assertThat(config.train().seed()).isEqualTo(4);
    assertThat(config.train().batch()).isEqualTo(4096);
  }

  @Test
  void reportsAllMistakesAtOnceWithTheirPlaces() {
    String my = directory.resolve("my.conf").toString();
    List<String> problems =
        problems(
            """
            simclr {
              loss.temperature = 0
              train {
                batch = many
                epoch = 3
              }
            }
            """,
            "optimizer.name=lamb");
    assertThat(problems)
        .containsExactlyInAnyOrder(
            my
                + ":2: loss.temperature must be a number from 0.01 to 100, found 0."
                + " Correct it, or leave it out for the default, 0.1.",
            my
                + ":4: train.batch must be an integer from 2 to 16777216, found \"many\"."
                + " Correct it, or leave it out for the default, 4096.",
            my + ":5: train.epoch is not a known key. Did you mean train.epochs?",
            "--set: optimizer.name must be one of lars, sgd, adam, found \"lamb\"."
                + " Correct it, or leave it out for the default, \"lars\".",
            "reference.conf:6: data.train must be a path, local or with a scheme such as hdfs:// or"
                + " s3a://, found no value."
                + " Set it in the configuration file or with --set data.train=VALUE.");
  }

  @Test
  void namesTheNearestKey() {
    assertThat(problems("simclr.data.train = x", "train.bacth=8"))
        .containsExactly("--set: train.bacth is not a known key. Did you mean train.batch?");
    assertThat(problems("simclr.data.train = x", "batch=8"))
        .containsExactly(
            "--set: batch is not a known key. Did you mean evaluate.batch or evaluate.linear.sgd.batch"
                + " or train.batch?");
    assertThat(problems("simclr { data.train = x, optimiser { name = sgd } }"))
        .singleElement()
        .asString()
        .endsWith(":1: optimiser is not a known key. Did you mean optimizer?");
    assertThat(problems("simclr.data.train = x", "qqqqqqqqqqqqqqq=8"))
        .containsExactly(
            "--set: qqqqqqqqqqqqqqq is not a known key. Leave it out; the README lists all keys.");
  }

  @Test
  void refusesWhatStandsOutsideTheRoot() {
    assertThat(problems("simclr.data.train = x\ntrain.batch = 8"))
        .singleElement()
        .asString()
        .endsWith("my.conf:2: train must stand inside simclr { }. Move it there.");
    assertThat(problems("simclr.data.train = x\nsimcrl.train.batch = 8"))
        .singleElement()
        .asString()
        .endsWith("my.conf:2: simcrl is not a known section. Did you mean simclr?");
    assertThat(problems("simclr = 5", "data.train=x"))
        .singleElement()
        .asString()
        .endsWith("my.conf:1: simclr must be a section. Write simclr { ... }.");
  }

  @Test
  void refusesAValueInPlaceOfASection() {
    assertThat(problems("simclr { data.train = x, train = 5 }"))
        .singleElement()
        .asString()
        .contains("my.conf:1: train must be a section with keys of its own, found 5.");
    assertThat(problems("simclr { data.train = x, train.batch { size = 5 } }"))
        .singleElement()
        .asString()
        .contains("my.conf:1: train.batch must be an integer");
  }

  @Test
  void refusesASettingWithoutAValue() {
    assertThat(problems("simclr.data.train = x", "train.batch"))
        .containsExactly(
            "--set: train.batch must have the form key=value."
                + " For example --set train.batch=512.");
    assertThat(problems("simclr.data.train = x", "augment.crop-area=[0.1"))
        .singleElement()
        .asString()
        .startsWith("--set: augment.crop-area=[0.1 must be a key and a value that can be read.");
  }

  @Test
  void takesPathsWithSlashesAndCommasFromSettings() {
    SimclrConfig config = load("", "data.train=s3a://bucket/a,b c", "data.test=hdfs://h:8020/t#1");
    assertThat(config.data().train()).isEqualTo("s3a://bucket/a,b c");
    assertThat(config.data().test()).contains("hdfs://h:8020/t#1");
  }

  @Test
  void saysInOneLineThatAFileCannotBeRead() {
    Path missing = directory.resolve("missing.conf");
    assertThatThrownBy(() -> ConfigFiles.parse(missing.toFile()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(missing + ": the configuration file must exist, found none. Check --conf.");
    assertThatThrownBy(() -> ConfigFiles.parse(directory.toFile()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("found a directory");
    assertThat(problems("simclr {\n train { batch = 5 \n"))
        .singleElement()
        .asString()
        .startsWith(directory.resolve("my.conf") + ":")
        .contains("must be closed, found no } for what begins here")
        .doesNotContain("\n");
    assertThat(problems("simclr.data.train = ${NO_SUCH_VARIABLE}\"/x\""))
        .singleElement()
        .asString()
        .startsWith(directory.resolve("my.conf") + ":1: ")
        .contains("NO_SUCH_VARIABLE");
  }

  @Test
  void nullRestoresNoDefaultWhereAValueIsNeeded() {
    assertThat(problems("simclr { data.train = x, train.batch = null }"))
        .singleElement()
        .asString()
        .contains(":1: train.batch must be an integer from 2 to 16777216, found no value.");
  }

  @Test
  void rendersWhatReadsBackTheSame() {
    SimclrConfig config =
        load(
            "simclr { data.train = \"a b/c\", data.test = \"s3a://x/y\", train.seed = 12345678901 }",
            "augment.crop-area=[0.25, 1]",
            "worker.activation-memory=2GiB");
    SimclrConfig back =
        SimclrConfig.load(
            ConfigFiles.parse(config.render().getBytes(UTF_8), "config.conf"), List.of());
    assertThat(back.render()).isEqualTo(config.render());
    assertThat(back.differences(config)).isEmpty();
    assertThat(back.data()).isEqualTo(config.data());
    assertThat(back.augment()).isEqualTo(config.augment());
    assertThat(back.train()).isEqualTo(config.train());
    assertThat(back.worker()).isEqualTo(config.worker());
  }

  @Test
  void laterMistakesNameTheirPlaceToo() {
    SimclrConfig config = load("simclr {\n data.train = x\n train.batch = 8192\n}");
    assertThat(config.rejected("train.batch", "must be at most 2500, found 8192", "Lower it."))
        .hasMessage(
            directory.resolve("my.conf")
                + ":3: train.batch must be at most 2500, found 8192. Lower it.");
  }

  @Test
  void differencesAreThoseThatDecideTheResult() {
    SimclrConfig one = SimclrConfig.of("data.train=x");
    SimclrConfig other =
        SimclrConfig.of(
            "data.train=x",
            "train.batch=8192",
            "train.steps=3",
            "checkpoint.keep=9",
            "evaluate.knn.k=5",
            "worker.activation-memory=2GiB");
    assertThat(one.differences(other)).containsExactly("train.batch: 4096, not 8192");
  }

  @Test
  void everyDefaultHasAComment() {
    Map<String, ConfigValue> leaves =
        Keys.leaves(ConfigFiles.reference().getObject(SimclrConfig.ROOT));
    assertThat(leaves).hasSizeGreaterThan(50);
    leaves.forEach((key, value) -> assertThat(value.origin().comments()).as(key).hasSize(1));
  }
}
