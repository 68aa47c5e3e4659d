package org.simclrspark.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.SequenceFile.CompressionType;
import org.apache.hadoop.io.Text;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.simclrspark.data.bench.SyntheticPhotos;

/** A few images in class folders, and the same images in the other formats. */
public final class TestImages {
  private TestImages() {}

  /** Small PNG and JPEG files by relative path, which begins with the class. */
  public static SortedMap<String, byte[]> images(int count) throws IOException {
    SortedMap<String, byte[]> images = new TreeMap<>();
    String[] classes = {"ant", "bee", "cat"};
    for (int i = 0; i < count; i++) {
      var photo = SyntheticPhotos.photo(40 + i % 5, 36 + i % 3, i);
      String name = classes[i % 3] + "/" + String.format(Locale.ROOT, "%03d", i * 7 % count);
      if (i % 2 == 0) {
        images.put(name + ".jpg", SyntheticPhotos.jpeg(photo, 0.9f));
      } else {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(photo, "png", png);
        images.put(name + ".png", png.toByteArray());
      }
    }
    return images;
  }

  public static String folder(Path directory, Map<String, byte[]> images) throws IOException {
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      Path file = directory.resolve(image.getKey());
      Files.createDirectories(file.getParent());
      Files.write(file, image.getValue());
    }
    return directory.toString();
  }

  public static String manifest(Path folder, Path file, Map<String, byte[]> images)
      throws IOException {
    List<String> lines = new ArrayList<>(List.of("# path, label", ""));
    for (String name : images.keySet()) {
      lines.add(folder.resolve(name) + "\t" + label(name));
    }
    Files.write(file, lines);
    return file.toString();
  }

  /** Tars of ten images with their labels. */
  public static String tars(Path directory, Map<String, byte[]> images) throws IOException {
    Files.createDirectories(directory);
    TarArchiveOutputStream tar = null;
    int i = 0;
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      if (i % 10 == 0) {
        close(tar);
        Path file = directory.resolve(String.format(Locale.ROOT, "shard-%05d.tar", i / 10));
        tar = new TarArchiveOutputStream(Files.newOutputStream(file));
      }
      String key = String.format(Locale.ROOT, "%06d", i);
      String extension = ImageFiles.extension(image.getKey());
      add(tar, key + ".cls", Integer.toString(label(image.getKey())).getBytes("UTF-8"));
      add(tar, key + "." + extension, image.getValue());
      add(tar, key + ".json", "{}".getBytes("UTF-8"));
      i++;
    }
    close(tar);
    return directory.toString();
  }

  private static void close(OutputStream output) throws IOException {
    if (output != null) {
      output.close();
    }
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] bytes)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  public static String sequence(Path directory, Map<String, byte[]> images) throws IOException {
    Files.createDirectories(directory);
    int half = images.size() / 2;
    int i = 0;
    SequenceFile.Writer writer = null;
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      if (i == 0 || i == half) {
        if (writer != null) {
          writer.close();
        }
        writer =
            SequenceFile.createWriter(
                new Configuration(),
                SequenceFile.Writer.file(
                    new org.apache.hadoop.fs.Path(directory + "/part-0000" + (i == 0 ? 0 : 1))),
                SequenceFile.Writer.keyClass(Text.class),
                SequenceFile.Writer.valueClass(BytesWritable.class),
                SequenceFile.Writer.compression(CompressionType.NONE));
      }
      writer.append(new Text(image.getKey()), new BytesWritable(image.getValue()));
      i++;
    }
    if (writer != null) {
      writer.close();
    }
    return directory.toString();
  }

  public static String parquet(Path directory, Map<String, byte[]> images) throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message images { required binary image; optional int64 label;"
                + " optional binary note (UTF8); }");
    Files.createDirectories(directory);
    SimpleGroupFactory rows = new SimpleGroupFactory(schema);
    int i = 0;
    ParquetWriter<Group> writer = null;
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      if (i % 9 == 0) {
        if (writer != null) {
          writer.close();
        }
        writer =
            ExampleParquetWriter.builder(
                    new org.apache.hadoop.fs.Path(directory + "/part-" + i / 9 + ".parquet"))
                .withType(schema)
                .withRowGroupSize(20_000L)
                .build();
      }
      writer.write(
          rows.newGroup()
              .append("image", Binary.fromConstantByteArray(image.getValue()))
              .append("label", (long) label(image.getKey())));
      i++;
    }
    if (writer != null) {
      writer.close();
    }
    return directory.toString();
  }

  /** The class of an image in a format: formats for numbers alone have its number. */
  static String label(String name, String format) {
    return format.equals("folder") || format.equals("sequence")
        ? name.substring(0, 3)
        : Integer.toString(label(name));
  }

  public static int label(String name) {
    return List.of("ant", "bee", "cat").indexOf(name.substring(0, 3));
  }
}
