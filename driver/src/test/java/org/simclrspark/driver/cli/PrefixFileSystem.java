package org.simclrspark.driver.cli;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A directory of the local disk under a scheme of its own, reached by settings alone. */
public final class PrefixFileSystem extends RawLocalFileSystem {

  private String root;

  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    super.initialize(URI.create("prefix:///"), configuration);
    root = configuration.get("fs.prefix.root");
  }

  @Override
  public URI getUri() {
    return URI.create("prefix:///");
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    return super.open(new Path("file", null, root + file.toUri().getPath()), bufferSize);
  }

  @Override
  protected void checkPath(Path path) {
    // Both schemes are its own.
  }
}
