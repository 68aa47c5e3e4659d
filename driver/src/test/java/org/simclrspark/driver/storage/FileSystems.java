package org.simclrspark.driver.storage;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test the real file systems: a parameter of this class. Each is started when a test first
 * asks for it and stopped after the last test.
 */
public final class FileSystems implements CloseableResource {

  /** The three kinds that runs are kept on. */
  public enum Kind {
    LOCAL,
    HDFS,
    S3
  }

  static {
    // Their clients and servers complain loudly when tests cut connections.
    Configurator.setLevel("org.apache.hadoop", Level.OFF);
  }

  private LocalDisk local;
  private HdfsServer hdfs;
  private S3Server s3;

  /** The running server of a kind. */
  public synchronized Server server(Kind kind) throws Exception {
    return switch (kind) {
      case LOCAL -> local = local == null ? new LocalDisk() : local;
      case HDFS -> hdfs();
      case S3 -> s3();
    };
  }

  synchronized HdfsServer hdfs() throws Exception {
    return hdfs = hdfs == null ? new HdfsServer() : hdfs;
  }

  synchronized S3Server s3() throws Exception {
    return s3 = s3 == null ? new S3Server() : s3;
  }

  @Override
  public void close() throws Exception {
    for (Server server : new Server[] {local, hdfs, s3}) {
      if (server != null) {
        server.close();
      }
    }
  }

  /** Register with {@code @ExtendWith}. */
  public static final class Parameter implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == FileSystems.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .getOrComputeIfAbsent(FileSystems.class);
    }
  }
}
