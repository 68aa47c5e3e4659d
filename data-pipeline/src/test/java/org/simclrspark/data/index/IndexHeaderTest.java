package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;

class IndexHeaderTest {

  /** Refuses to open files as HDFS does, or as S3 does where the path says so. */
  static final class DeniedFileSystem extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("denied:///");
    }

    @Override
    public FSDataInputStream open(Path file, int bufferSize) throws IOException {
      if (file.toString().contains("s3")) {
        throw new AccessDeniedException(file.toString());
      }
      throw new AccessControlException("Permission denied: " + file);
    }
  }

  /** An index is made again where nobody lets us read the one that is there. */
  @Test
  void oneThatMayNotBeReadCountsAsNone() throws IOException {
    Configuration hadoop = new Configuration(false);
    hadoop.set("fs.denied.impl", DeniedFileSystem.class.getName());
    assertThat(IndexHeader.read(new Path("denied:///hdfs/_index"), hadoop)).isEmpty();
    assertThat(IndexHeader.read(new Path("denied:///s3/_index"), hadoop)).isEmpty();
  }
}
