package org.simclrspark.worker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.worker.machine.LibtorchLibraries;

/**
 * libtorch starts where nothing is unpacked yet and the linker's path leads to libraries of other
 * versions: here ones with libtorch's names that hold none of its symbols, so that a process which
 * takes one of them cannot start.
 */
class ForeignLibtorchTest {

  private static final List<String> NAMES =
      List.of("libtorch.so", "libtorch_cpu.so", "libc10.so", "libopenblas.so.0");

  @TempDir Path folder;

  @Test
  void startsWithAnEmptyCacheAndAnotherLibtorchInTheLinkersPath() throws Exception {
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    for (String name : NAMES) {
      Files.write(foreign.resolve(name), someLibrary());
    }
    assertThat(run(foreign, "empty")).isEqualTo("2.0\n");
    // And where all is unpacked.
    assertThat(run(foreign, "empty")).isEqualTo("2.0\n");
  }

  /** With the extension that ND4J's natives need, JavaCPP would take the system's libtorch. */
  @Test
  void theBuildForGpusIsFoundBesideTheNativesOfNd4j() throws Exception {
    Path jar = folder.resolve("gpu.jar");
    try (ZipFile from = new ZipFile(natives("pytorch").toFile());
        ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(jar))) {
      to.setLevel(Deflater.NO_COMPRESSION);
      for (ZipEntry entry : from.stream().filter(e -> e.getName().contains(".so")).toList()) {
        to.putNextEntry(new ZipEntry(entry.getName().replace("x86_64/", "x86_64-gpu/")));
        from.getInputStream(entry).transferTo(to);
      }
    }
    String classPath =
        LibtorchProcess.classPath(path -> !path.toString().matches(".*/pytorch-.*x86_64.jar"));
    String extensions = "-onednn-avx2:" + LibtorchLibraries.GPU_EXTENSION;
    assertThat(
            run(
                folder,
                "gpu",
                jar + ":" + classPath,
                "-Dorg.bytedeco.javacpp.platform.extension=" + extensions))
        .isEqualTo("2.0\n");
  }

  private String run(Path foreign, String cache) throws Exception {
    return run(foreign, cache, LibtorchProcess.classPath(path -> true), "-Dplain");
  }

  private String run(Path foreign, String cache, String classPath, String option) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve(cache),
            option,
            "-cp",
            classPath,
            Sum.class.getName());
    builder.environment().put("LD_LIBRARY_PATH", foreign.toString());
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  /** A shared library that has nothing to do with libtorch. */
  private static byte[] someLibrary() throws Exception {
    try (ZipFile zip = new ZipFile(natives("javacpp").toFile())) {
      ZipEntry entry = zip.getEntry("org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so");
      return zip.getInputStream(entry).readAllBytes();
    }
  }

  private static Path natives(String library) throws Exception {
    return LibtorchProcess.jars().stream()
        .filter(path -> path.toString().matches(".*/" + library + "-.*linux-x86_64.jar"))
        .findFirst()
        .orElseThrow();
  }

  /** Adds two ones with libtorch. */
  static final class Sum {

    private Sum() {}

    /** Prints the sum. */
    public static void main(String[] arguments) {
      LibtorchLibraries.load();
      System.out.println(torch.ones(2).sum().item_float());
    }
  }
}
