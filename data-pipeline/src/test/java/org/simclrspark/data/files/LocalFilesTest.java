package org.simclrspark.data.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalFilesTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path directory;

  /** Names as bytes, made by the shell: this JVM's locale has no part in them. */
  private void shell(String script) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("bash", "-ec", script).directory(directory.toFile()).inheritIO().start();
    assertThat(shell.waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "C.UTF-8", ""})
  void namesAreUtf8InEveryLocale(String locale) throws Exception {
    shell(
        "mkdir $'caf\\xc3\\xa9' && printf 7 > $'caf\\xc3\\xa9/\\xe7\\x8c\\xab.png'"
            + " && printf 8 > $'\\xf0\\x9f\\x90\\xb1.jpg' && printf 9 > plain.png");
    assertThat(listedWith(locale))
        .containsExactlyInAnyOrder("/café/猫.png 1 55", "/🐱.jpg 1 56", "/plain.png 1 57");
  }

  private List<String> listedWith(String locale) throws Exception {
    ProcessBuilder program =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FileNamesProgram.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    program.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    if (!locale.isEmpty()) {
      program.environment().put("LC_ALL", locale);
    }
    Process process = program.start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return out.lines().map(line -> new String(Base64.getDecoder().decode(line), UTF_8)).toList();
  }

  @Test
  void aNameThatIsNotUtf8IsAnError() throws Exception {
    shell("printf 1 > $'caf\\xe9.png'");
    assertThatThrownBy(() -> walk())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/caf%E9.png")
        .hasMessageContaining("rename it");
  }

  @Test
  void aPathIsLiteralBeforeItIsAGlob() throws Exception {
    for (String name :
        List.of("photos [2020]", "p{a,b}", "w?y", "a*", "back\\slash", "10:30", "50%20", "a#b")) {
      Files.createDirectories(directory.resolve(name));
      Files.write(directory.resolve(name).resolve("x:1 [a].png"), new byte[] {1});
      assertThat(match(directory + "/" + name)).containsExactly(name);
      assertThat(match(directory + "/" + name + "/")).containsExactly(name);
      assertThat(match("file://" + directory + "/" + name + "/x:1 [a].png"))
          .containsExactly("x:1 [a].png");
      assertThat(match(directory + "/" + name + "/*.png")).containsExactly("x:1 [a].png");
    }
    assertThat(match(directory + "/{w?y,10:30}")).containsExactly("10:30", "w?y");
    assertThat(match(directory + "/[ab]*")).containsExactly("a#b", "a*", "back\\slash");
    assertThat(match(directory + "/{10:30/x*,50%20}")).containsExactly("x:1 [a].png", "50%20");
    assertThat(match(directory + "/nothing*")).isEmpty();
    assertThat(match(directory + "/open[")).isEmpty();
    assertThat(match(directory + "/photos [2020]/x:1 [a].png/below")).isEmpty();
  }

  @Test
  void globsLeaveHiddenNamesOut() throws Exception {
    Files.write(directory.resolve("a.tar"), new byte[1]);
    Files.write(directory.resolve(".a.tar.crc"), new byte[1]);
    assertThat(match(directory + "/*a.tar*")).containsExactly("a.tar");
    assertThat(match(directory + "/.*")).containsExactly(".a.tar.crc");
  }

  @Test
  void aLineBreakInANameIsAName() throws Exception {
    Files.write(directory.resolve("a\nb.png"), new byte[] {5});
    assertThat(walk()).containsExactly("a\nb.png");
    assertThat(match(directory + "/*.png")).containsExactly("a\nb.png");
  }

  @Test
  void linksAreFollowedOnce() throws Exception {
    shell(
        "mkdir -p data/cat data/.store/dog outside/in && cd data"
            + " && printf 1 > cat/a.png && printf 1 > ../outside/o.png"
            + " && printf 1 > .store/dog/d.png && printf 1 > ../outside/in/i.png"
            + " && ln -s cat/a.png cat/b.png"
            + " && ln -s .. cat/up && ln -s ../.. cat/upper && ln -s ../cat cat/self"
            + " && ln -s ../../outside cat/out && ln -s ../../outside cat/out2"
            + " && ln -s ../.. ../outside/in/around && ln -s ../.. ../outside/in/back"
            + " && ln -s ../.store/dog cat/stored");
    List<String> passedOver = new ArrayList<>();
    String root = "file:" + directory + "/data";
    List<String> files = new ArrayList<>();
    try (Listing walk =
        new LocalFiles()
            .walk(
                root,
                root + "/cat",
                (kind, path) -> passedOver.add(path.substring(root.length()) + " " + kind))) {
      for (FoundFile file = walk.next(); file != null; file = walk.next()) {
        files.add(file.path().substring(root.length()));
      }
    }
    assertThat(files)
        .containsExactlyInAnyOrder(
            "/cat/a.png", "/cat/b.png", "/cat/out/o.png", "/cat/out/in/i.png", "/cat/stored/d.png");
    assertThat(passedOver)
        .containsExactlyInAnyOrder(
            "/cat/up links to a folder above",
            "/cat/upper links to a folder above",
            "/cat/self links to a folder above",
            "/cat/out/in/around links to a folder above",
            "/cat/out/in/back links to a folder above",
            "/cat/out2 links to one folder again");
  }

  @Test
  @Timeout(20)
  void whatIsNoFileIsNotOpened() throws Exception {
    shell("ln -s nowhere dead.png && ln -s loop.png loop.png && mkfifo pipe.png");
    List<FoundFile.Kind> kinds =
        new LocalFiles().children(directory.toString()).stream().map(FoundFile::kind).toList();
    assertThat(kinds)
        .containsExactly(
            FoundFile.Kind.BROKEN_LINK, FoundFile.Kind.BROKEN_LINK, FoundFile.Kind.SPECIAL);
    assertThatThrownBy(() -> new LocalFiles().open(directory + "/pipe.png"))
        .hasMessageContaining("is no file");
    assertThatThrownBy(() -> new LocalFiles().open(directory + "/gone.png"))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("gone.png");
  }

  @Test
  void aStaleChecksumDoesNotCount() throws Exception {
    Files.write(directory.resolve("a.png"), new byte[] {1, 2, 3});
    Files.write(directory.resolve(".a.png.crc"), "crc\0stale".getBytes(UTF_8));
    try (var input = DataFiles.of("/", HADOOP).open(directory + "/a.png")) {
      assertThat(input.readAllBytes()).containsExactly(1, 2, 3);
      byte[] two = new byte[2];
      input.readFully(1, two);
      assertThat(two).containsExactly(2, 3);
      input.seek(2);
      assertThat(input.read()).isEqualTo(3);
      assertThatThrownBy(() -> input.readFully(2, two)).hasMessageContaining("ends before byte 4");
    }
  }

  @Test
  void aDirectoryThatMayNotBeReadIsAnError() throws Exception {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    File file = closed.toFile();
    assertThat(file.setExecutable(false, false) && file.setReadable(false, false)).isTrue();
    try {
      org.junit.jupiter.api.Assumptions.assumeFalse(Files.isReadable(closed), "root may");
      assertThatThrownBy(() -> walk()).hasMessageContaining("access denied to " + closed);
    } finally {
      assertThat(file.setReadable(true) && file.setExecutable(true)).isTrue();
    }
  }

  private List<String> match(String path) throws IOException {
    return PathPattern.match(path, HADOOP).stream().map(FoundFile::name).toList();
  }

  private List<String> walk() throws IOException {
    List<String> names = new ArrayList<>();
    String root = directory.toString();
    try (Listing walk = new LocalFiles().walk(root, root, (kind, path) -> {})) {
      for (FoundFile file = walk.next(); file != null; file = walk.next()) {
        names.add(file.name());
      }
    }
    return names;
  }
}
