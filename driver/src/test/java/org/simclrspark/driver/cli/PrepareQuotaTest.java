package org.simclrspark.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.prepare.Preparation;
import org.simclrspark.data.prepare.PrepareSettings;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.data.source.TestImages;
import org.simclrspark.driver.LocalSpark;
import org.simclrspark.driver.storage.FileSystems;

/** Where there is no more room, prepare says so and leaves the dataset that was there. */
@ExtendWith(FileSystems.Parameter.class)
class PrepareQuotaTest {

  /** Less than the block that every new file reserves. */
  private static final long NO_ROOM = 1 << 20;

  @TempDir private java.nio.file.Path root;
  private final JavaSparkContext spark = LocalSpark.context();

  @Test
  void aFullQuotaLeavesTheDatasetWhole(FileSystems fileSystems) throws Exception {
    String from = TestImages.sequence(root.resolve("from"), TestImages.images(8));
    Path to = fileSystems.server(FileSystems.Kind.HDFS).newDirectory();
    prepare(from, to, Form.KEEP);
    DistributedFileSystem hdfs =
        (DistributedFileSystem) to.getFileSystem(spark.hadoopConfiguration());
    hdfs.setQuota(to, HdfsConstants.QUOTA_DONT_SET, NO_ROOM);
    assertThatThrownBy(() -> prepare(from, to, Form.RAW))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(to.toString())
        .hasMessageContaining("The disk or quota is full: free space")
        .hasMessageContaining("what was there before is whole");
    assertThat(images(to)).isEqualTo(8);
    hdfs.setQuota(to, HdfsConstants.QUOTA_DONT_SET, HdfsConstants.QUOTA_RESET);
    prepare(from, to, Form.RAW);
    assertThat(images(to)).isEqualTo(8);
  }

  private void prepare(String from, Path to, Form form) {
    PrepareSettings settings =
        new PrepareSettings(DatasetSpec.train(from, "sequence"), to.toString(), 0, form, 90, true);
    Preparation.of(spark, settings).run((read, done, total) -> {}, () -> {});
  }

  private int images(Path dataset) {
    return ImageSources.first(
            DatasetSpec.train(dataset.toString(), "auto"), 100, spark.hadoopConfiguration())
        .size();
  }
}
