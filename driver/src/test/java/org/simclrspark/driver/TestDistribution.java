package org.simclrspark.driver;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The class path of the tests as a user has it: Spark's jars in a Spark home, and the application
 * as jars that travel to executors ({@code --jars}), the classes of the tests among them.
 */
public final class TestDistribution {

  private static TestDistribution made;

  private final Path sparkHome;
  private final List<String> applicationJars = new ArrayList<>();

  private TestDistribution() throws IOException {
    Path target = SimclrProcess.repository().resolve("driver/target");
    Path directory = Files.createTempDirectory(target, "distribution-");
    this.sparkHome = directory.resolve("spark");
    Path sparkJars = Files.createDirectories(sparkHome.resolve("jars"));
    for (Path jar : listed(target.resolve("spark.classpath"))) {
      Files.createSymbolicLink(sparkJars.resolve(jar.getFileName()), jar);
    }
    List<Path> application = new ArrayList<>(listed(target.resolve("app.classpath")));
    for (Path jar : application) {
      // Spark needs it, too; to Maven it is the application's.
      if (jar.getFileName().toString().startsWith("commons-lang3-")) {
        Files.createSymbolicLink(sparkJars.resolve(jar.getFileName()), jar);
      }
    }
    application.add(target.resolve("classes"));
    application.add(target.resolve("test-classes"));
    for (Path entry : application) {
      applicationJars.add(
          Files.isDirectory(entry)
              ? pack(entry, directory.resolve("application-" + applicationJars.size() + ".jar"))
              : entry.toString());
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
  }

  /** The distribution of this JVM. */
  public static synchronized TestDistribution get() throws IOException {
    if (made == null) {
      made = new TestDistribution();
    }
    return made;
  }

  /** Class paths that the build writes. */
  private static List<Path> listed(Path file) throws IOException {
    String[] entries = Files.readString(file, UTF_8).strip().split(File.pathSeparator, -1);
    return Arrays.stream(entries).map(Path::of).toList();
  }

  private static String pack(Path classes, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, zip);
      }
    }
    return jar.toString();
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted((one, other) -> other.compareTo(one)).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For {@code SPARK_HOME}. */
  public Path sparkHome() {
    return sparkHome;
  }

  /** For {@code spark.jars}. */
  public List<String> applicationJars() {
    return List.copyOf(applicationJars);
  }

  /** Of a driver, as the launcher has it, with more jars than those of the application. */
  public String classPath(List<String> moreJars) {
    List<String> entries = new ArrayList<>(applicationJars);
    entries.addAll(moreJars);
    entries.add(sparkHome.resolve("jars/*").toString());
    return String.join(File.pathSeparator, entries);
  }
}
