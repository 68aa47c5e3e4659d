package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tars are made by the system's tar, as users make them. */
class TarScannerTest {
  @TempDir Path directory;

  private ScannedData scan(String script) throws Exception {
    ScannedData.shell(directory, script);
    return ScannedData.train(directory.resolve("x.tar"), "tar");
  }

  private void assertRefused(String script, String message) {
    assertThatThrownBy(() -> scan(script)).hasMessageContaining(message);
  }

  @Test
  void membersOfASampleThatCollideAreRefused() {
    assertRefused(
        "mkdir cat && touch cat/img.000.png cat/img.001.png && tar -cf x.tar --sort=name cat",
        "cat/img.000.png and cat/img.001.png are two images of one sample, because the name of a"
            + " sample ends at the first dot (WebDataset's rule); rename them");
  }

  @Test
  void labelsAreTexts() throws Exception {
    ScannedData data =
        scan(
            "echo A > a.png; echo 7 > a.cls; echo B > b.jpg; echo 'tabby cat' > b.cls;"
                + " echo C > c.webp; echo '{\"label\": 1440764, \"x\": [1]}' > c.json;"
                + " echo D > d.png; echo '{\"label\": \"dog\"}' > d.json; echo E > e.png;"
                + " echo '{\"label\": [1, 2]}' > e.json; echo caption > e.txt; echo F > f.png;"
                + " echo '{' > f.json; echo G > g.heic; echo 3 > g.cls;"
                + " tar -cf x.tar --sort=name [a-g].*");
    assertThat(data.labels()).containsExactly("7", "tabby cat", "1440764", "dog", null, null);
    assertThat(data.texts()).containsExactly("A\n", "B\n", "C\n", "D\n", "E\n", "F\n");
    assertThat(data.textsByPosition()).isEqualTo(data.texts());
    assertThat(data.said())
        .isEqualTo("left out 4 files: 2 .json, 1 .heic, 1 .txt, first x.tar#e.json");
  }

  @Test
  void aLabelWithoutItsImageIsRefused() {
    assertRefused(
        "touch a.png b.png; echo 1 > a.cls; echo 2 > b.cls; tar -cf x.tar a.cls b.cls a.png b.png",
        "its member a.cls is the label of no image");
  }

  @Test
  void aLabelMustBeShortUtf8Text() {
    assertRefused("touch a.png; : > a.cls; tar -cf x.tar a.cls a.png", "a.cls is empty");
    assertRefused(
        "printf '\\xe9' > a.cls; tar -cf x.tar a.cls a.png",
        "the label in its member a.cls must be UTF-8");
    assertRefused(
        "truncate -s 5G a.cls; tar -cSf x.tar a.cls a.png", "its member a.cls is a sparse file");
    assertRefused(
        "head -c 1000000 /dev/zero > a.cls; tar -cf x.tar a.cls a.png",
        "a label must have at most 4096 bytes, but its member a.cls has 1000000");
  }

  @Test
  void namesAreMadePlain() throws Exception {
    ScannedData data =
        scan(
            "mkdir cat dog && echo A > cat/a.png && echo B > dog/b.png"
                + " && tar -cPf x.tar --sort=name --transform='s,^\\./cat,/abs//./cat,' ./cat ./dog");
    assertThat(data.names()).containsExactlyInAnyOrder("abs/cat/a.png", "dog/b.png");
    assertRefused(
        "cd cat && tar -cPf ../x.tar ../dog/b.png",
        "a name within an archive must not lead out of it, found ../dog/b.png");
  }

  @Test
  void longNamesAndLettersOfEveryScriptWork() throws Exception {
    String longName = "a".repeat(120) + "/" + "b".repeat(150);
    for (String format : new String[] {"gnu", "pax", "posix"}) {
      ScannedData data =
          scan(
              "rm -rf d && mkdir -p d/"
                  + longName
                  + " $'d/caf\\xc3\\xa9' && echo A > d/"
                  + longName
                  + "/1.png && echo B > $'d/caf\\xc3\\xa9/\\xe7\\x8c\\xab.png'"
                  + " && tar -cf x.tar --sort=name --format="
                  + format
                  + " -C d .");
      assertThat(data.names()).containsExactly(longName + "/1.png", "café/猫.png");
      assertThat(data.textsByPosition()).containsExactly("A\n", "B\n");
    }
  }

  @Test
  void linksAndSparseFilesAreRefused() {
    assertRefused(
        "echo A > a.png; ln a.png b.png; tar -cf x.tar a.png b.png",
        "its member b.png is a link to a.png; pack the tar with the files themselves");
    assertRefused(
        "ln -sf a.png c.png; tar -cf x.tar a.png c.png", "its member c.png is a link to a.png");
    assertRefused(
        "truncate -s 1M s.png; tar -cSf x.tar s.png", "its member s.png is a sparse file");
    assertRefused("mkfifo p.png; tar -cf x.tar p.png", "its member p.png is no file");
  }

  @Test
  void aTarThatWasCutOffIsRefused() throws Exception {
    scan("head -c 3000 /dev/urandom > a.png; cp a.png b.png; tar -cf x.tar a.png b.png");
    byte[] whole = Files.readAllBytes(directory.resolve("x.tar"));
    int memberBytes = 512 + 3072;
    for (int length : new int[] {memberBytes, 2 * memberBytes, memberBytes + 512, 1000, 100}) {
      Files.write(directory.resolve("x.tar"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> scan("")).as("%d bytes", length).isInstanceOf(Exception.class);
    }
    Files.write(directory.resolve("x.tar"), Arrays.copyOf(whole, 2 * memberBytes));
    assertRefused("", "it ends without the blocks of zeros that end a tar, so it was cut off");
    Files.write(directory.resolve("x.tar"), new byte[0]);
    assertRefused("", "it is empty");
  }

  @Test
  void tarsThatWereJoinedAreRefused() {
    assertRefused(
        "echo A > a.png; echo B > b.png; tar -cf 1.tar a.png; tar -cf 2.tar b.png;"
            + " cat 1.tar 2.tar > x.tar",
        "it goes on behind its end: tars that were joined by cat");
  }

  @Test
  void gzipIsReadFromTheBeginningWhateverTheName() throws Exception {
    ScannedData data = scan("echo A > a.png; echo B > b.png; tar -czf x.tar a.png b.png");
    assertThat(data.texts()).containsExactly("A\n", "B\n");
    assertThat(data.sequentialOnly()).isEqualTo("it is compressed as a whole");
    assertRefused("head -c 100 x.tar > y && mv y x.tar", "");
    assertRefused("tar -cjf x.tar a.png", "compressed with bzip2, but only gzip can be read");
  }

  @Test
  void ofADirectoryTheTarsCount() throws Exception {
    ScannedData.shell(
        directory,
        "mkdir -p in/deep && echo A > a.png && echo B > b.png && tar -cf in/a.TAR a.png"
            + " && tar -czf in/deep/b.tgz b.png && touch in/shards.json in/.x.tar.crc"
            + " && : > in/_SUCCESS");
    ScannedData data = ScannedData.train(directory.resolve("in"), "auto");
    assertThat(data.names()).containsExactly("a.png", "b.png");
    assertThat(data.said()).isEqualTo("left out 1 file: 1 .json, first shards.json");
  }

  @Test
  void hiddenMembersAndOthersAreCounted() throws Exception {
    ScannedData data =
        scan(
            "mkdir -p d/cat d/__MACOSX/cat && echo A > d/cat/a.png && touch d/cat/._a.png"
                + " d/cat/.hid.png d/__MACOSX/cat/._a.png d/cat/raw.heic d/notes"
                + " && tar -cf x.tar --sort=name -C d .");
    assertThat(data.names()).containsExactly("cat/a.png");
    assertThat(data.said())
        .isEqualTo(
            "left out 3 files: 1 .heic, 1 hidden .png, 1 without extension,"
                + " first x.tar#cat/.hid.png");
  }
}
