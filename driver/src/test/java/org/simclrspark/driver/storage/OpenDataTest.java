package org.simclrspark.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.ReadSettings;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;

/** What happens to files and servers while files are open for the next range. */
@ExtendWith(FileSystems.Parameter.class)
class OpenDataTest {

  private static final int COUNT = 12;

  @TempDir java.nio.file.Path directory;
  private SortedMap<String, byte[]> images;

  @BeforeEach
  void makeImages() throws IOException {
    images = TestImages.images(COUNT);
  }

  /** Reads all images; fails where one has other bytes than it was stored with. */
  private void readAll(Dataset dataset) {
    List<byte[]> stored = List.copyOf(images.values());
    long[] ids = {11, 0, 5, 2, 7, 1, 3, 10, 4, 6, 9, 8};
    Iterator<ImageRecord> read = dataset.reader().read(ids);
    for (long id : ids) {
      assertThat(read.next().bytes()).isEqualTo(stored.get((int) id));
    }
  }

  /** A reader that has not come to its end keeps files open. */
  private static Iterator<ImageRecord> keepOpen(Dataset dataset) {
    Iterator<ImageRecord> reading = dataset.reader().read(new long[] {0, 11});
    reading.next();
    return reading;
  }

  private Path copyTars(Server server) throws Exception {
    Path data = new Path(server.newDirectory(), "tars");
    FileSystem target = data.getFileSystem(server.configuration());
    target.mkdirs(data.getParent());
    TestImages.tars(directory.resolve("tars"), images);
    target.copyFromLocalFile(new Path(directory.resolve("tars").toUri()), data.getParent());
    return data;
  }

  private Dataset open(Path data, Configuration hadoop) throws Exception {
    return open(data, hadoop, "tar");
  }

  private Dataset open(Path data, Configuration hadoop, String format) throws Exception {
    JavaSparkContext spark = LocalSpark.context();
    hadoop.forEach(entry -> spark.hadoopConfiguration().set(entry.getKey(), entry.getValue()));
    spark.hadoopConfiguration().setBoolean("fs.s3a.impl.disable.cache", true);
    return ImageSources.open(
        spark,
        DatasetSpec.train(data.toString(), format),
        new Path(Files.createDirectory(directory.resolve("index")).toUri()),
        ReadSettings.DEFAULT);
  }

  @Test
  void anObjectThatIsReplacedWhileItIsOpenIsAnError(FileSystems fileSystems) throws Exception {
    S3Server server = fileSystems.s3();
    Path data = copyTars(server);
    Dataset dataset = open(data, server.configuration());
    Iterator<ImageRecord> open = keepOpen(dataset);
    FileSystem target = data.getFileSystem(server.configuration());
    for (var file : target.listStatus(data)) {
      try (var out = target.create(file.getPath(), true)) {
        out.write(new byte[(int) file.getLen()]);
      }
    }

    assertThatThrownBy(() -> readAll(dataset))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("A dataset must not change while it is in use, but " + data)
        .hasMessageContaining("was replaced; run the same command again");
    assertThat(open.next().id()).isEqualTo(11);
  }

  @Test
  void connectionsThatAreResetAreMadeAgain(FileSystems fileSystems) throws Exception {
    S3Server server = fileSystems.s3();
    Path data = copyTars(server);
    try (BusyProxy proxy = new BusyProxy(server.port())) {
      Dataset dataset = open(data, S3Server.configuration(proxy.port()));
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Integer> cutter =
          CompletableFuture.supplyAsync(
              () -> {
                int cuts = 0;
                while (!done.get()) {
                  // Closes all connections that are open.
                  proxy.setBusy(false);
                  cuts++;
                  try {
                    Thread.sleep(40);
                  } catch (InterruptedException e) {
                    return cuts;
                  }
                }
                return cuts;
              });
      for (int round = 0; round < 10; round++) {
        readAll(dataset);
      }
      done.set(true);
      assertThat(cutter.join()).isPositive();
    }
  }

  @Test
  void aDataNodeThatIsLostIsFoundAgain(FileSystems fileSystems) throws Exception {
    HdfsServer server = fileSystems.hdfs();
    Dataset dataset = open(copyTars(server), server.configuration());
    Iterator<ImageRecord> open = keepOpen(dataset);
    MiniDFSCluster cluster = server.cluster();
    cluster.restartDataNode(0, false);
    cluster.waitActive();

    readAll(dataset);
    assertThat(open.next().id()).isEqualTo(11);
  }

  /** Class folders and files of names that URIs, globs and Hadoop's paths give a meaning to. */
  @ParameterizedTest
  @EnumSource(names = {"HDFS", "S3"})
  void namesOfEveryKindAreRead(FileSystems.Kind kind, FileSystems fileSystems) throws Exception {
    List<String> names =
        new ArrayList<>(
            List.of(
                "a b",
                "a%20b",
                "a%",
                "a#b",
                "a+b",
                "a&b=c;d,e",
                "[1]",
                "{x}",
                "gr\u00f6\u00dfe",
                "\u732b",
                "$1",
                "~"));
    if (kind == FileSystems.Kind.S3) {
      // HDFS has no colons, but times are common in keys.
      names.add("2026-11-26T10:30:00");
    }
    Server server = fileSystems.server(kind);
    String root = new Path(server.newDirectory(), "photos+%41 [x]").toString();
    byte[] image = images.get(images.firstKey());
    FileSystem target = new Path(root).getFileSystem(server.configuration());
    for (String name : names) {
      try (var out = target.create(new Path(root + "/" + name + "/" + name + ".png"))) {
        out.write(image);
      }
    }
    Dataset dataset = open(new Path(root), server.configuration(), "folder");
    assertThat(dataset.classes()).containsExactlyInAnyOrderElementsOf(names);
    assertThat(dataset.reader().read(0, dataset.count()))
        .toIterable()
        .hasSameSizeAs(names)
        .allSatisfy(read -> assertThat(read.bytes()).isEqualTo(image));
  }
}
