package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;

class ManifestScannerTest {
  @TempDir Path directory;
  @TempDir Path other;

  @BeforeEach
  void images() throws Exception {
    for (String name : new String[] {"a.png", "b c.JPG", "d,e.png", "größe:1.png", "noext"}) {
      Files.writeString(directory.resolve(name), name);
    }
  }

  private ScannedData scan(String text) throws Exception {
    return scan(text, StandardCharsets.UTF_8, Columns.FOUND);
  }

  private ScannedData scan(String text, Charset charset, Columns columns) throws Exception {
    Path list = Files.writeString(directory.resolve("list.txt"), text, charset);
    return ScannedData.of(new DatasetSpec(list.toString(), "manifest", Split.TRAIN, columns));
  }

  private void assertRefused(String text, String message) {
    assertThatThrownBy(() -> scan(text))
        .satisfies(e -> assertThat(e.getMessage()).contains(message));
  }

  @Test
  void tabsSeparate() throws Exception {
    ScannedData data =
        scan("\uFEFFa.png\t1440764\r\n\r\n# note\r\n./b c.JPG\t tabby cat \r\nd,e.png\r\nnoext\t7");
    assertThat(data.labels()).containsExactly("1440764", "tabby cat", null, "7");
    assertThat(data.names()).containsExactly("a.png", "b c.JPG", "d,e.png", "noext");
    assertThat(data.texts()).isEqualTo(data.names());
  }

  @Test
  void commasSeparateAndTextsAreQuoted() throws Exception {
    ScannedData data =
        scan("a.png,cat\n\"d,e.png\", \"the \"\"big\"\" one\"\nb c.JPG,007\ngröße:1.png,\n");
    assertThat(data.labels()).containsExactly("cat", "the \"big\" one", "007", null);
    assertThat(data.texts()).containsExactly("a.png", "d,e.png", "b c.JPG", "größe:1.png");
    assertThat(scan("a.png;0\nd,e.png;1\n").labels()).containsExactly("0", "1");
  }

  @Test
  void theFirstLineMayNameTheColumns() throws Exception {
    assertThat(scan("id,label,file_name\n5,cat,a.png\n6,dog,b c.JPG").labels())
        .containsExactly("cat", "dog");
    String text = "where\tkind\tlabel\na.png\tx\ty\n";
    ScannedData data = scan(text, StandardCharsets.UTF_8, new Columns("where", "kind"));
    assertThat(data.labels()).containsExactly("x");
    assertRefused(
        "path,breed\na.png,cat\n", "none of which is named label; set data.columns.label");
    assertRefused("a.png,cat,3\nb c.JPG,dog,4\n", "columns must be path and class");
  }

  @Test
  void spacesSeparateBehindTheExtension() throws Exception {
    ScannedData data = scan("a.png 0\nb c.JPG german shepherd\n\"d,e.png\"  2\n");
    assertThat(data.labels()).containsExactly("0", "german shepherd", "2");
    assertThat(data.texts()).containsExactly("a.png", "b c.JPG", "d,e.png");
  }

  @Test
  void pathsAloneMayHoldSpacesAndCommas() throws Exception {
    ScannedData data = scan("a.png\nb c.JPG\nd,e.png\n");
    assertThat(data.texts()).containsExactly("a.png", "b c.JPG", "d,e.png");
    assertThat(data.labels()).containsOnlyNulls();
  }

  @Test
  void pathsMayBeAbsolute() throws Exception {
    Files.writeString(other.resolve("o:1.png"), "o");
    ScannedData data =
        scan(
            directory.resolve("a.png")
                + "\tx\nfile://"
                + other
                + "/o:1.png\ty\n"
                + other
                + "/../"
                + other.getFileName()
                + "/o:1.png\tz\n");
    assertThat(data.texts()).containsExactly("a.png", "o", "o");
    assertThat(data.names().get(0)).isEqualTo("a.png");
  }

  @Test
  void aWrongLineIsNamedByItsNumber() {
    assertRefused("# x\na.png\t1\n\ngone.png\t2\n", "line 4 of");
    assertRefused(
        "# x\na.png\t1\n\ngone.png\t2\n", "nothing is at file:" + directory + "/gone.png");
    assertRefused("a.png,1\n\"b c.JPG,2\n", "a quotation mark in it is not closed");
    assertRefused("a.png\t1\n\t2\n", "line 2 of");
    assertRefused("a.png\tx\nb c.JPG\tx\ty\n", "must have 2 columns as the first line, found 3");
    assertRefused("# nothing\n", "it lists nothing");
  }

  @Test
  void linesFarBehindAreNumberedToo() throws Exception {
    String many = "a.png\tx\n".repeat(20_000);
    assertRefused(many + "gone.png\tx\n", "line 20001 of");
    ScannedData data = scan(many);
    assertThat(data.images()).hasSize(20_000);
    assertThat(data.said()).isEqualTo("a.png\tx is listed more than once".replace('\t', '?'));
  }

  @Test
  void otherEncodingsAreRefused() {
    assertThatThrownBy(() -> scan("größe:1.png\t1", StandardCharsets.ISO_8859_1, Columns.FOUND))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("must be UTF-8");
    assertThatThrownBy(() -> scan("a.png\t1\n", StandardCharsets.UTF_16, Columns.FOUND))
        .hasMessageContaining("must be UTF-8");
  }
}
