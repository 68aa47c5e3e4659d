package org.simclrspark.driver.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** S3Proxy with its objects in memory, in a process of its own because of its libraries. */
final class S3Server implements Server {

  private static final String JAR = "target/s3-server/s3proxy.jar";

  private final Process process;
  private final int port;

  S3Server() throws IOException, InterruptedException {
    this("192m");
  }

  /** With so much memory for its objects. */
  S3Server(String heap) throws IOException, InterruptedException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    java.nio.file.Path properties = Files.createTempFile("s3proxy", ".properties");
    properties.toFile().deleteOnExit();
    Files.writeString(
        properties,
        String.join(
            "\n",
            "s3proxy.endpoint=http://127.0.0.1:" + port,
            "s3proxy.authorization=none",
            "jclouds.provider=transient",
            "jclouds.identity=none",
            "jclouds.credential=none"));
    process =
        new ProcessBuilder(
                java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR,
                "--properties",
                properties.toString())
            .redirectErrorStream(true)
            .redirectOutput(java.nio.file.Path.of("target", "s3-server", "log.txt").toFile())
            .start();
    makeBucket();
  }

  private void makeBucket() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/bucket"))
            .PUT(BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(5))
            .build();
    for (int attempt = 0; ; attempt++) {
      try {
        int status =
            HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
        if (status != 200) {
          throw new IllegalStateException("The S3 server must make a bucket, answered " + status);
        }
        return;
      } catch (IOException notYet) {
        if (attempt == 600 || !process.isAlive()) {
          process.destroyForcibly();
          throw notYet;
        }
        Thread.sleep(50);
      }
    }
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  @Override
  public Path newDirectory() {
    return new Path("s3a://bucket/" + UUID.randomUUID() + "/run");
  }

  @Override
  public Configuration configuration() {
    return configuration(port);
  }

  /** How to reach an S3 at a port of this machine. */
  static Configuration configuration(int port) {
    Configuration configuration = new Configuration();
    configuration.set("fs.s3a.endpoint", "http://127.0.0.1:" + port);
    configuration.set("fs.s3a.endpoint.region", "us-east-1");
    configuration.setBoolean("fs.s3a.path.style.access", true);
    configuration.setBoolean("fs.s3a.connection.ssl.enabled", false);
    configuration.set("fs.s3a.access.key", "any");
    configuration.set("fs.s3a.secret.key", "any");
    configuration.set(
        "fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    return configuration;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
