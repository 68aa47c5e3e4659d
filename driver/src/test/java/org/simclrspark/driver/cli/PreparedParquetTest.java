package org.simclrspark.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.prepare.Preparation;
import org.simclrspark.data.prepare.PrepareSettings;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;

/**
 * Spark SQL opens the directory of a prepared dataset, summaries and index in it notwithstanding.
 */
class PreparedParquetTest {

  @TempDir Path root;

  @Test
  void otherToolsOpenTheDirectory() throws Exception {
    JavaSparkContext spark = LocalSpark.context();
    var images = TestImages.images(8);
    String from = TestImages.folder(root.resolve("from"), images);
    Path to = root.resolve("to");
    Preparation.of(
            spark,
            new PrepareSettings(
                DatasetSpec.train(from, "folder"), to.toString(), 0, Form.KEEP, 90, false))
        .run((read, done, total) -> {}, () -> {});
    List<Row> rows =
        SparkSession.builder()
            .sparkContext(spark.sc())
            .getOrCreate()
            .read()
            .parquet(to.toString())
            .select("label", "image", "size")
            .orderBy("name")
            .collectAsList();
    assertThat(rows).extracting(row -> row.getString(0)).startsWith("ant", "ant", "ant", "bee");
    assertThat(rows)
        .extracting(row -> (byte[]) row.get(1))
        .containsExactlyElementsOf(images.values());
    assertThat(rows).allMatch(row -> row.getInt(2) == ((byte[]) row.get(1)).length);
  }
}
