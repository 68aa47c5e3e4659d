package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;

/** The remedy that is told can be given to a shell as it stands. */
class PrepareCommandTest {

  @Test
  void ofAnOrdinaryPath() {
    assertThat(DatasetSpec.train("s3a://b/imagenet/", "auto").prepareCommand())
        .isEqualTo("deploy/simclr prepare --from s3a://b/imagenet/ --to s3a://b/imagenet-prepared");
  }

  @Test
  void ofATestSplitWithNamedColumns() {
    assertThat(
            new DatasetSpec("/d/cifar100", "parquet", Split.TEST, new Columns("img", "fine label"))
                .prepareCommand())
        .isEqualTo(
            "deploy/simclr prepare --from /d/cifar100 --format parquet --split test"
                + " --image-column img --label-column 'fine label' --to /d/cifar100-test-prepared");
  }

  @Test
  void ofAGlobWithQuotes() {
    assertThat(DatasetSpec.train("/d/it's/{a,b}/*.parquet", "auto").prepareCommand())
        .isEqualTo(
            "deploy/simclr prepare --from '/d/it'\\''s/{a,b}/*.parquet' --to '/d/it'\\''s-prepared'");
  }
}
