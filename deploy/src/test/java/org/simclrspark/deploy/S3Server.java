package org.simclrspark.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An S3 server that asks for keys; its objects are files of a directory. */
final class S3Server implements AutoCloseable {

  static final String BUCKET = "bucket";

  private final Command server;
  private final int port = StandaloneCluster.freePort();
  private final Path objects;

  S3Server(Path directory, String accessKey, String secretKey)
      throws IOException, InterruptedException {
    objects = Files.createDirectories(directory.resolve("objects"));
    Files.createDirectories(objects.resolve(BUCKET));
    Path properties =
        Files.writeString(
            directory.resolve("s3proxy.properties"),
            String.join(
                "\n",
                "s3proxy.endpoint=http://127.0.0.1:" + port,
                "s3proxy.authorization=aws-v2-or-v4",
                "s3proxy.identity=" + accessKey,
                "s3proxy.credential=" + secretKey,
                "jclouds.provider=filesystem",
                "jclouds.identity=none",
                "jclouds.credential=none",
                "jclouds.filesystem.basedir=" + objects));
    server =
        Command.start(
            directory,
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-jar",
                Project.DEPLOY.resolve("target/s3-server/s3proxy.jar").toString(),
                "--properties",
                properties.toString()));
    Await.until("the S3 server listens", 60, this::listens);
    Files.delete(properties);
  }

  private boolean listens() {
    try (var socket = new java.net.Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** The bucket's objects, as files. */
  Path bucket() {
    return objects.resolve(BUCKET);
  }

  /** How to reach it, without keys. */
  List<String> settings() {
    return List.of(
        "spark.hadoop.fs.s3a.endpoint=http://127.0.0.1:" + port,
        "spark.hadoop.fs.s3a.endpoint.region=us-east-1",
        // Removing what stands for directories takes this server half a minute a file.
        "spark.hadoop.fs.s3a.directory.marker.retention=keep",
        "spark.hadoop.fs.s3a.path.style.access=true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled=false");
  }

  @Override
  public void close() {
    server.close();
  }
}
