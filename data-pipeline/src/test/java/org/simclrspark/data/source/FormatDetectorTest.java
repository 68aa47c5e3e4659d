package org.simclrspark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;

class FormatDetectorTest {
  @TempDir Path directory;

  private String detect(String script, String path) throws Exception {
    ScannedData.shell(directory, "rm -rf * && " + script);
    return FormatDetector.detect(directory + path, new Configuration());
  }

  @Test
  void allFilesCount() throws Exception {
    assertThat(detect("mkdir a && touch a/x.md a/z.JPG README.txt labels.csv", ""))
        .isEqualTo("folder");
    assertThat(detect("mkdir a && touch a/x.tar.gz a/_SUCCESS index.json", "")).isEqualTo("tar");
    assertThat(detect("printf SEQ6 > part-r-00000 && touch _SUCCESS", "")).isEqualTo("sequence");
    assertThat(detect("head -c 6146 /dev/zero > x.bin && touch a.html", "")).isEqualTo("cifar10");
    assertThat(detect("head -c 6148 /dev/zero > x.bin", "/x.bin")).isEqualTo("cifar100");
    assertThat(detect("touch a.tsv", "/a.tsv")).isEqualTo("manifest");
    assertThat(detect("touch a.CSV", "/*.CSV")).isEqualTo("manifest");
    assertThat(detect("mkdir c && printf '\\x89PNG\\r\\n12345678' > c/0af3", ""))
        .isEqualTo("folder");
  }

  @Test
  void severalFormatsAreRefused() {
    assertThatThrownBy(() -> detect("touch a.png b.png c.tar", ""))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds 2 images (first file:" + directory + "/")
        .hasMessageContaining("1 tar file (first file:" + directory + "/c.tar)")
        .hasMessageContaining("set data.format to the one that is meant");
  }

  @Test
  void textsAreNoDataset() {
    assertThatThrownBy(() -> detect("touch README.txt LICENSE", ""))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("say none (2 files: 1 .txt, 1 without extension, first")
        .hasMessageContaining("set data.format");
    assertThatThrownBy(() -> detect("touch data_batch_1 batches.meta", ""))
        .hasMessageContaining("holds the one for Python; fetch cifar-10-binary.tar.gz");
    assertThatThrownBy(() -> detect("head -c 5000 /dev/zero > model.bin", ""))
        .hasMessageContaining("1 .bin");
    assertThatThrownBy(() -> detect("touch a.png", "/a.png"))
        .hasMessageContaining("name their folder");
  }
}
