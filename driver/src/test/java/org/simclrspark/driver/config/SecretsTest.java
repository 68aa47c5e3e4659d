package org.simclrspark.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SecretsTest {

  @Test
  void passwordsInUrisAndSettingsAreNotShown() {
    assertThat(Secrets.redact("cannot read s3a://KEY:s3cr3t@bucket/x and hdfs://user:pw@h/y"))
        .isEqualTo("cannot read s3a://***@bucket/x and hdfs://***@h/y");
    assertThat(Secrets.redact("spark.hadoop.fs.s3a.secret.key=abc --master yarn"))
        .isEqualTo("spark.hadoop.fs.s3a.secret.key=*** --master yarn");
    for (String harmless :
        List.of(
            "hdfs://host:8020/a@b", "abfs://container@account/x", "train.batch=8", "http://h:1")) {
      assertThat(Secrets.redact(harmless)).isEqualTo(harmless);
      assertThat(Secrets.hasPassword(harmless)).isFalse();
    }
  }

  @Test
  void settingsThatOthersCanReadAreFound() {
    assertThat(
            Secrets.exposed(
                List.of(
                    "--conf",
                    "spark.hadoop.fs.s3a.secret.key=x",
                    "--conf=spark.hadoop.fs.s3a.access.key=y",
                    "--conf",
                    "spark.ssl.keyPassword=z",
                    "--conf",
                    "spark.hadoop.fs.azure.account.key.me.dfs.core.windows.net=k",
                    "--conf",
                    "spark.authenticate.secret.file=/etc/secret",
                    "--conf",
                    "spark.kubernetes.driver.secretKeyRef.AWS_SECRET_ACCESS_KEY=s3-keys:secret",
                    "--conf",
                    "spark.hadoop.hadoop.security.credential.provider.path=jceks://file/x",
                    "--executor-memory",
                    "8g")))
        .containsExactly(
            "spark.hadoop.fs.s3a.secret.key",
            "spark.hadoop.fs.s3a.access.key",
            "spark.ssl.keyPassword",
            "spark.hadoop.fs.azure.account.key.me.dfs.core.windows.net");
  }

  @Test
  void aPathWithAPasswordIsRefusedWithoutBeingShown() {
    assertThatThrownBy(
            () ->
                SimclrConfig.of(
                    "data.train=s3a://KEY:s3cr3t@bucket/train",
                    "data.test=s3a://K:hidden@b/t",
                    "data.labelled=s3a://K:hidden@b/l"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("data.train must not hold a password, found s3a://***@bucket/train")
        .hasMessageContaining("data.test must not hold a password, found s3a://***@b/t")
        .hasMessageContaining("data.labelled must not hold a password, found s3a://***@b/l")
        .hasMessageNotContaining("s3cr3t")
        .hasMessageNotContaining("hidden");
  }
}
