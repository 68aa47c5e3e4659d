package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;

class FolderScannerTest {
  @TempDir Path directory;

  private void shell(String script) throws Exception {
    ScannedData.shell(directory, script);
  }

  private ScannedData scan() throws Exception {
    return ScannedData.train(directory, "folder");
  }

  @Test
  void whatIsPassedOverIsSaidInOneLine() throws Exception {
    shell(
        "mkdir cat dog && touch cat/a.JPG cat/b.Jpeg cat/c.jfif cat/d.JPE dog/e.tif dog/f.TIFF"
            + " dog/g.webp dog/h.ppm dog/_MG_1234.jpg"
            + " cat/x.heic cat/y.heic cat/z.txt dog/readme dog/img.0001 dog/.DS_Store"
            + " dog/Thumbs.db dog/._e.tif _SUCCESS");
    ScannedData data = scan();
    assertThat(data.names())
        .containsExactly(
            "cat/a.JPG",
            "cat/b.Jpeg",
            "cat/c.jfif",
            "cat/d.JPE",
            "dog/_MG_1234.jpg",
            "dog/e.tif",
            "dog/f.TIFF",
            "dog/g.webp",
            "dog/h.ppm");
    assertThat(data.said())
        .isEqualTo("left out 5 files: 2 .heic, 2 without extension, 1 .txt, first cat/x.heic");
  }

  @Test
  void imagesInHiddenPlacesAreSaid() throws Exception {
    shell(
        "mkdir -p cat/.cache _old @eaDir .git .secret && touch cat/a.png cat/.b.png cat/.cache/c.png"
            + " cat/.cache/d.txt _old/e.JPG @eaDir/f.png .git/g.png .secret/h.png");
    ScannedData data = scan();
    assertThat(data.names()).containsExactly("cat/a.png");
    assertThat(data.said())
        .isEqualTo("left out 5 files: 4 hidden .png, 1 hidden .jpg, first .secret/h.png");
  }

  @Test
  void aFileWithoutExtensionIsKnownByItsFirstBytes() throws Exception {
    Files.createDirectories(directory.resolve("v1.0"));
    Files.write(directory.resolve("v1.0/0a1b"), new byte[] {(byte) 0xFF, (byte) 0xD8, -1, -32});
    Files.writeString(directory.resolve("v1.0/LICENSE"), "BM is no bitmap here");
    ScannedData data = scan();
    assertThat(data.names()).containsExactly("v1.0/0a1b");
    assertThat(data.labels()).containsExactly("v1.0");
    assertThat(data.said()).isEqualTo("left out 1 file: 1 without extension, first v1.0/LICENSE");
  }

  @Test
  void anEmptyClassFolderIsSaidAndShiftsNothing() throws Exception {
    shell("mkdir ant bee cat && touch ant/a.png cat/c.png && touch bee/notes.txt");
    ScannedData data = scan();
    assertThat(data.labels()).containsExactly("ant", "cat");
    assertThat(data.said())
        .isEqualTo("left out 1 file: 1 .txt, first bee/notes.txt; bee holds no image");
  }

  @Test
  void linksAreFollowedOnce() throws Exception {
    shell(
        "mkdir -p data/cat ext && touch data/cat/a.png ext/e.png && cd data"
            + " && ln -s .. cat/up && ln -s .. loop && ln -s cat again && ln -s ../ext dog"
            + " && ln -s ../ext fox && ln -s ../cat/a.png cat/linked.png");
    ScannedData data = ScannedData.train(directory.resolve("data"), "folder");
    assertThat(data.names()).containsExactly("cat/a.png", "cat/linked.png", "dog/e.png");
    assertThat(data.said())
        .isEqualTo(
            "again links back into the dataset; cat/up and 1 more: links to a folder above;"
                + " fox links to one folder again");
  }

  @Test
  void aLinkToNowhereIsAnErrorThatNamesIt() throws Exception {
    shell("mkdir cat && touch cat/a.png && ln -s gone.png cat/b.png");
    assertThatThrownBy(this::scan)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cat/b.png links to nothing; remove the link");
    shell("rm cat/b.png && ln -s gone cat/c");
    assertThatThrownBy(this::scan).hasMessageContaining("cat/c links to nothing");
    shell("rm cat/c && ln -s gone cat/d.txt");
    assertThat(scan().said()).isEqualTo("left out 1 file: 1 .txt, first cat/d.txt");
    shell("mkfifo cat/p.png");
    assertThatThrownBy(this::scan).hasMessageContaining("cat/p.png is a pipe");
  }

  @Test
  void namesOfEveryKindAreRead() throws Exception {
    String[] names = {
      "10:30",
      "a b",
      "a%20b",
      "a#b",
      "[1]",
      "{x,y}",
      "what?",
      "a*",
      "back\\slash",
      "line\nbreak",
      "größe",
      "猫"
    };
    Path root = Files.createDirectories(directory.resolve("photos [2020]: x"));
    for (String name : names) {
      Path folder = Files.createDirectory(root.resolve(name));
      Files.writeString(folder.resolve(name + ".png"), name);
      Files.writeString(folder.resolve("." + name + ".png.crc"), "stale");
    }
    ScannedData data = ScannedData.train(root, "auto");
    assertThat(data.labels()).containsExactlyInAnyOrder(names);
    assertThat(data.texts()).containsExactlyElementsOf(data.labels());
    assertThat(data.textsByPosition()).containsExactlyElementsOf(data.labels());
    assertThat(data.leftOut().isEmpty()).isTrue();
  }

  @Test
  void splitFoldersAreNoClasses() throws Exception {
    shell("mkdir -p train/{cat,dog} val/{cat,dog} && touch {train,val}/{cat,dog}/a.png");
    ScannedData train = scan();
    assertThat(train.names()).containsExactly("cat/a.png", "dog/a.png");
    assertThat(train.root()).endsWith("/train");
    assertThat(train.said()).isEqualTo("train is the folder that is read, of train, val");
    ScannedData test = ScannedData.test(directory, "folder");
    assertThat(test.root()).endsWith("/val");
    assertThat(test.labels()).containsExactly("cat", "dog");
  }

  @Test
  void testImagesComeFromTheSplitThatHasClasses() throws Exception {
    shell(
        "mkdir -p Train/cat val/cat test meta && touch {Train,val}/cat/a.png test/1.png meta/x.txt"
            + " beside.png");
    assertThat(scan().said()).startsWith("left out 1 file: 1 .png, first beside.png; Train is the");
    assertThat(ScannedData.test(directory, "folder").root()).endsWith("/val");
    shell("mkdir test/cat && touch test/cat/2.png");
    assertThat(ScannedData.test(directory, "folder").root()).endsWith("/test");
    assertThat(scan().root()).endsWith("/Train");
  }

  @Test
  void whatMayBeClassesOrSplitsIsRefused() throws Exception {
    shell("mkdir -p train test cat && touch {train,test,cat}/a.png");
    assertThatThrownBy(this::scan)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds test, train beside cat; name the folder that is meant");
    shell("rm -r test");
    assertThat(scan().labels()).as("a train is a vehicle too").containsExactly("cat", "train");
    shell("rm -r cat && mkdir training && touch training/a.png");
    assertThatThrownBy(this::scan).hasMessageContaining("has train and training; name one");
    shell("rm -r training train && mkdir val && touch val/a.png");
    assertThatThrownBy(this::scan).hasMessageContaining("A folder of training images must be in");
  }
}
