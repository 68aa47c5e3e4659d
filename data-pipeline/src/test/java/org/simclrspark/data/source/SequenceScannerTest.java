package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.SequenceFile.CompressionType;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.io.compress.DefaultCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceScannerTest {
  private static volatile boolean isLoaded;

  @TempDir Path directory;

  /** A class that must not be loaded because a file names it. */
  public static final class Trap implements Writable {
    static {
      isLoaded = true;
    }

    @Override
    public void write(DataOutput output) {}

    @Override
    public void readFields(DataInput input) {}
  }

  private ScannedData scan() throws IOException {
    return ScannedData.train(directory.resolve("x.seq"), "auto");
  }

  private void write(CompressionType compression, List<? extends Writable> keys)
      throws IOException {
    org.apache.hadoop.fs.Path file =
        new org.apache.hadoop.fs.Path(directory.resolve("x.seq").toUri());
    try (SequenceFile.Writer writer =
        SequenceFile.createWriter(
            new Configuration(),
            SequenceFile.Writer.file(file),
            SequenceFile.Writer.compression(compression),
            SequenceFile.Writer.keyClass(keys.get(0).getClass()),
            SequenceFile.Writer.valueClass(BytesWritable.class))) {
      for (int i = 0; i < keys.size(); i++) {
        writer.append(keys.get(i), new BytesWritable(("image " + i).getBytes(UTF_8)));
      }
    }
  }

  private static List<Text> keys(String... names) {
    return Arrays.stream(names).map(Text::new).toList();
  }

  @Test
  void keysArePlacesOfEveryKind() throws Exception {
    write(
        CompressionType.NONE,
        keys("hdfs://nn:8020/data/cat/1.jpg", "/data/cat/2.jpg", "./data//dog/3.jpg", "4", "猫/5"));
    ScannedData data = scan();
    assertThat(data.names())
        .containsExactly("data/cat/1.jpg", "data/cat/2.jpg", "data/dog/3.jpg", "4", "猫/5");
    assertThat(data.texts())
        .containsExactly("image 0", "image 1", "image 2", "image 3", "image 4")
        .isEqualTo(data.textsByPosition());
    write(CompressionType.NONE, List.of(new IntWritable(7), new IntWritable(-1)));
    assertThat(scan().names()).containsExactly("7", "-1");
    write(CompressionType.NONE, List.of(NullWritable.get(), NullWritable.get()));
    assertThat(scan().names()).containsExactly("0", "1");
    write(CompressionType.NONE, List.of(new BytesWritable(new byte[] {1, -1})));
    assertThat(scan().names()).containsExactly("01ff");
  }

  @Test
  void manyRecordsWithMarksBetweenThemAreReadByPosition() throws Exception {
    List<Text> keys = IntStream.range(0, 500).mapToObj(i -> new Text("c/" + i)).toList();
    for (CompressionType compression : CompressionType.values()) {
      write(compression, keys);
      ScannedData data = scan();
      assertThat(data.texts())
          .containsExactlyElementsOf(IntStream.range(0, 500).mapToObj(i -> "image " + i).toList());
      if (compression == CompressionType.NONE) {
        assertThat(data.textsByPosition()).isEqualTo(data.texts());
        assertThat(data.sequentialOnly()).isNull();
      } else {
        assertThat(data.sequentialOnly()).contains("compressed");
      }
    }
  }

  @Test
  void noClassIsLoadedThatAFileNames() throws Exception {
    String trap = SequenceScannerTest.class.getName() + "$Trap";
    assertNotLoaded(header(trap, "org.apache.hadoop.io.BytesWritable", null), trap);
    assertNotLoaded(header("org.apache.hadoop.io.Text", trap, null), trap);
    assertNotLoaded(
        header("org.apache.hadoop.io.Text", "org.apache.hadoop.io.BytesWritable", trap), trap);
    assertNotLoaded(header("org.apache.hadoop.io.MapWritable", "x", null), "MapWritable and x");
    assertNotLoaded(
        header(
            "org.apache.hadoop.io.Text",
            "org.apache.hadoop.io.BytesWritable",
            "org.apache.hadoop.io.compress.PassthroughCodec"),
        "PassthroughCodec");
  }

  private void assertNotLoaded(byte[] file, String named) throws IOException {
    Files.write(directory.resolve("x.seq"), file);
    assertThatThrownBy(this::scan).isInstanceOf(IOException.class).hasMessageContaining(named);
    assertThat(isLoaded).isFalse();
  }

  private static byte[] header(String key, String value, String codec) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream output = new DataOutputStream(bytes);
    output.writeBytes("SEQ");
    output.writeByte(6);
    Text.writeString(output, key);
    Text.writeString(output, value);
    output.writeBoolean(codec != null);
    output.writeBoolean(false);
    if (codec != null) {
      Text.writeString(output, codec);
    }
    output.writeInt(0);
    output.write(new byte[16]);
    return bytes.toByteArray();
  }

  @Test
  void damagedLengthsTakeNoMemory() throws Exception {
    byte[] start = header("org.apache.hadoop.io.Text", "org.apache.hadoop.io.BytesWritable", null);
    for (int[] lengths : new int[][] {{Integer.MAX_VALUE, 4}, {10, -5}, {10, 2_000_000_000}}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream output = new DataOutputStream(bytes);
      output.write(start);
      output.writeInt(lengths[0]);
      output.writeInt(lengths[1]);
      output.write(new byte[64]);
      Files.write(directory.resolve("x.seq"), bytes.toByteArray());
      assertThatThrownBy(this::scan).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aFileThatWasCutOffIsRefused() throws Exception {
    write(CompressionType.NONE, keys("a/1", "a/2"));
    byte[] whole = Files.readAllBytes(directory.resolve("x.seq"));
    for (int cut = 1; cut < 20; cut++) {
      Files.write(directory.resolve("x.seq"), Arrays.copyOf(whole, whole.length - cut));
      assertThatThrownBy(this::scan).as("cut by %d", cut).hasMessageContaining("cut off");
    }
  }

  @Test
  void keysThatAreNotUtf8AreRefused() throws Exception {
    Text text = new Text();
    text.set(new byte[] {'c', (byte) 0xE9, '/', '1'});
    write(CompressionType.NONE, List.of(text));
    assertThatThrownBy(this::scan).hasMessageContaining("the key of its record 0 must be UTF-8");
  }

  @Test
  void theCodecOfHadoopIsRead() throws Exception {
    assertThat(new DefaultCodec().getDefaultExtension()).isEqualTo(".deflate");
    write(CompressionType.BLOCK, keys("a/1"));
    assertThat(scan().sequentialOnly()).isEqualTo("its blocks are compressed");
  }
}
