package org.simclrspark.driver.report;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/** Local files behind the scheme {@code store}, without appending: as object stores behave. */
public final class NoAppendFileSystem extends RawLocalFileSystem {

  @Override
  public URI getUri() {
    return URI.create("store:///");
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return !capability.equals(CommonPathCapabilities.FS_APPEND)
        && super.hasPathCapability(path, capability);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("This file system cannot append");
  }
}
