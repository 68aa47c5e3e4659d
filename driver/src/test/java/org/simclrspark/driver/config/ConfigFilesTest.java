package org.simclrspark.driver.config;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people write into configuration files, and the words they get. */
class ConfigFilesTest {

  @TempDir private Path directory;

  private SimclrConfig load(String text, String... settings) {
    return load(text.getBytes(UTF_8), settings);
  }

  private SimclrConfig load(byte[] bytes, String... settings) {
    return SimclrConfig.load(
        ConfigFiles.parse(write("my.conf", bytes).toFile()), List.of(settings));
  }

  private Path write(String name, byte[] bytes) {
    try {
      return Files.write(directory.resolve(name), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> problems(String text, String... settings) {
    return problems(text.getBytes(UTF_8), settings);
  }

  private List<String> problems(byte[] bytes, String... settings) {
    try {
      load(bytes, settings);
    } catch (ConfigurationException e) {
      assertThat(e.problems()).noneMatch(line -> line.contains("\n"));
      return e.problems();
    }
    throw new AssertionError("Must be refused:\n" + new String(bytes, UTF_8));
  }

  private String at(int line) {
    return directory.resolve("my.conf") + ":" + line + ": ";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train = s3a://b/x|train|s3a://b/x",
        "train = hdfs://h:8020/x, test = y|train|hdfs://h:8020/x, test = y",
        "train = /data//images|train|/data//images",
        "train = /data/a#b|train|/data/a#b",
        "train = //nas/share|train|//nas/share",
        "test = x, train=photos//2020|train|photos//2020",
      })
  void aPathThatACommentCutsIsRefused(String line, String key, String found) {
    String mark = found.contains("#") ? "#" : "//";
    String meant = found.replaceAll("[ ,}]+$", "");
    assertThat(problems("simclr {\n data {\n  " + line + "\n } }"))
        .containsExactly(
            at(3)
                + key
                + " must be in quotes where it holds "
                + mark
                + ", which starts a comment, found "
                + found
                + ". Put it in quotes: \""
                + meant
                + "\", or put a space before the comment.");
  }

  @Test
  void commentsAreComments() {
    SimclrConfig config =
        load(
            """
            # s3a://not/a/value
            // train = hdfs://nor/this
            simclr { # here
              data.train = "s3a://b/x#1" // there
              data.test = plain/path # and here
              train { batch = 512// a number
                shards = 4# too
                micro-batch : 32, seed = 7 } // end
              augment.crop-area = [0.2, 1]// list
              augment.crop-ratio = [0.5, // of two
                2]
            }
            """);
    assertThat(config.data().train()).isEqualTo("s3a://b/x#1");
    assertThat(config.data().test()).contains("plain/path");
    assertThat(config.train().batch()).isEqualTo(512);
    assertThat(config.train().seed()).isEqualTo(7);
  }

  @Test
  void aListWithoutBracketsIsToldAsOne() {
    assertThat(problems("simclr {\n data.train = x\n augment.crop-area = 0,1\n}"))
        .containsExactly(
            at(3)
                + "must be a line of HOCON, found augment.crop-area = 0,1. Write a list in brackets,"
                + " such as [0, 1], and a decimal with a point.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simclr { data.train = C:\\\\data\\\\images }",
        "simclr { data.train = \"open }",
        "simclr { data.train = a*b }",
        "simclr { data.train = x",
        "simclr { data.train = x, augment.crop-area = [0.1, 1 }",
        "simclr } {",
        "{ simclr",
        "<simclr><train/></simclr>",
        "simclr = ",
        "simclr { train { batch } }",
        "simclr { data.train = @x }",
        "= 5",
        "simclr.. = 5",
        "simclr { a..b = 5 }",
        "include nothing",
      })
  void theParsersOwnWordsDoNotShow(String text) {
    assertThat(problems(text))
        .allMatch(line -> line.startsWith(directory.resolve("my.conf").toString()))
        .noneMatch(line -> line.matches("(?i).*(token|reserved|\\.properties|expecting|got).*"))
        .allMatch(line -> line.matches(".*(found|is not).*\\. .*\\."));
  }

  @Test
  void aKeyIsThereOnce() {
    assertThat(problems("simclr {\n data.train = x\n train.batch = 8\n train { batch = 16 }\n}"))
        .containsExactly(
            at(4)
                + "simclr.train.batch must have one value, found another in line 3. Keep one of them.");
    assertThat(
            load("simclr { data.train = x, data.train = ${simclr.data.train}/y }").data().train())
        .isEqualTo("x/y");
    assertThat(load("simclr { data { train = x }\n data { test = y }\n}").data().test())
        .contains("y");
  }

  @Test
  void aKeyInQuotesIsNotPassedOver() {
    assertThat(problems("simclr {\n data.train = x\n \"train.batch\" = 8\n}"))
        .containsExactly(
            at(3)
                + "\"train.batch\" is one name in quotes, not a path. Write train.batch without"
                + " them.");
    assertThat(problems("simclr { data.train = x, \"a$ b\" = 8 }"))
        .singleElement()
        .asString()
        .contains("a$ b is not a known key");
  }

  @Test
  void whatStandsOutsideIsNotPassedOver() {
    assertThat(problems("bacth = 5\nsimclr.data.train = x"))
        .containsExactly(
            at(1)
                + "bacth must stand inside simclr { }, or be what a ${bacth} there refers to. Move it"
                + " there, or leave it out.");
    assertThat(load("base = /data\nsimclr.data.train = ${base}/x").data().train())
        .isEqualTo("/data/x");
  }

  @Test
  void suggestionsComeFromTheSameSection() {
    assertThat(problems("", "data.train=x", "data.path=x"))
        .singleElement()
        .asString()
        .startsWith("--set: data.path is not a known key. The keys of data are")
        .contains("train");
    assertThat(problems("", "data.train=x", "evaluate.bacth=1"))
        .containsExactly("--set: evaluate.bacth is not a known key. Did you mean evaluate.batch?");
    assertThat(problems("", "data.train=x", "optimizer.epochs=1"))
        .containsExactly(
            "--set: optimizer.epochs is not a known key. Did you mean evaluate.linear.sgd.epochs"
                + " or train.epochs?");
  }

  @Test
  void windowsAndEditorsLeaveNoTrace() {
    SimclrConfig config =
        load("\uFEFFsimclr {\r\n\tdata.train = images\r\n\ttrain.batch\t=\t2048\r\n}\r\n");
    assertThat(config.data().train()).isEqualTo("images");
    assertThat(config.train().batch()).isEqualTo(2048);
  }

  @Test
  void otherBytesAreRefused() {
    assertThat(problems("simclr.data.train = x".getBytes(UTF_16)))
        .singleElement()
        .asString()
        .contains("must be text in UTF-8");
    assertThat(problems(new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 1}))
        .singleElement()
        .asString()
        .contains("must be text in UTF-8");
    assertThat(problems(new byte[(1 << 20) + 1]))
        .singleElement()
        .asString()
        .contains("at most 1 MiB");
  }

  @Test
  void includesAreReadOrTold() {
    write("base.conf", "simclr.train { batch = 512, shards = 4 }".getBytes(UTF_8));
    write("loop.conf", "include \"my.conf\"".getBytes(UTF_8));
    assertThat(load("include \"base.conf\"\nsimclr.data.train = x").train().batch()).isEqualTo(512);
    String my = directory.resolve("my.conf").toString();
    assertThat(problems("include \"bsae.conf\"\nsimclr.data.train = x"))
        .containsExactly(
            my
                + ": include must name a file that can be read, found bsae.conf: there is no such"
                + " file in "
                + directory
                + ". Correct the name, or copy what it holds.");
    assertThat(problems("include \"loop.conf\""))
        .singleElement()
        .asString()
        .contains("a file cannot include itself");
    assertThat(problems("include url(\"http://127.0.0.1:1/x.conf\")"))
        .singleElement()
        .asString()
        .contains("nothing is fetched from elsewhere");
  }

  @Test
  void aFileOfAnotherKindIsTold() {
    Path yaml = write("my.yaml", "simclr:\n  train:\n    batch: 8\n".getBytes(UTF_8));
    try {
      ConfigFiles.parse(yaml.toFile());
      throw new AssertionError("Must be refused");
    } catch (ConfigurationException e) {
      assertThat(e).hasMessageContaining("found a YAML file");
    }
    Path json =
        write("my.json", "{\"simclr\": {\"data\": {\"train\": \"s3a://b/x\"}}}".getBytes(UTF_8));
    assertThat(SimclrConfig.load(ConfigFiles.parse(json.toFile()), List.of()).data().train())
        .isEqualTo("s3a://b/x");
    assertThat(problems("")).singleElement().asString().contains("data.train must be a path");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NaN",
        "inf",
        "-1",
        "1e999",
        "99999999999999999999",
        "1_000",
        "10 %",
        "1GiB",
        "[8]"
      })
  void aNumberThatIsNoneIsTold(String value) {
    assertThat(problems("", "data.train=x", "train.batch=" + value))
        .singleElement()
        .asString()
        .startsWith("--set: train.batch must be an integer from 2 to 16777216, found ");
  }

  @Test
  void aReferenceToNothingIsTold() {
    assertThat(problems("simclr.data.train = ${NO_SUCH_VARIABLE}\"/x\""))
        .containsExactly(
            at(1)
                + "a reference must name another key of the file or a variable of the environment"
                + " that is set, found ${NO_SUCH_VARIABLE}. Set it, or write the value itself.");
    assertThat(problems("a = ${b}\nb = ${a}\nsimclr.data.train = ${a}"))
        .singleElement()
        .asString()
        .contains("a reference must name another key");
  }

  @Test
  void settingsThatCannotBeReadAreTold() {
    assertThat(problems("", "data.train=x", "augment.crop-area=[0,1", "train..batch=4", "a\"b=1"))
        .hasSize(3)
        .allMatch(line -> line.startsWith("--set: "))
        .noneMatch(line -> line.matches("(?i).*(token|expecting).*"));
  }
}
