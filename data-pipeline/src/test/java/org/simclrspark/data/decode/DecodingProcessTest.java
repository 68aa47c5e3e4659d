package org.simclrspark.data.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.simclrspark.data.bench.SyntheticPhotos;

/** What decoding does to the process around it. */
class DecodingProcessTest {

  @TempDir Path directory;

  @Test
  void nativeLibrariesPrintNothing() throws Exception {
    byte[] jpeg = SyntheticPhotos.jpeg(SyntheticPhotos.photo(90, 70, 1), 0.9f);
    byte[] noise = jpeg.clone();
    Arrays.fill(noise, jpeg.length / 2, jpeg.length / 2 + 60, (byte) 0x55);
    write("cut.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
    write("noise.jpg", noise);
    write("no-end.jpg", Arrays.copyOf(jpeg, jpeg.length - 2));
    write("extraneous.jpg", DecoderAgreementTest.bytes("jpeg-extraneous-scans.jpg"));
    byte[] png = ImageDecoderTest.encode(SyntheticPhotos.photo(90, 70, 1), "png");
    write("cut.png", Arrays.copyOf(png, png.length / 2));
    write("note.png", DecoderAgreementTest.bytes("png-bad-note.png"));
    write("profile.png", DecoderAgreementTest.bytes("png-profile.png"));
    write("whole.jpg", jpeg);
    List<String> lines = run("256m");
    assertThat(Files.readString(directory.resolve("errors"))).isEmpty();
    assertThat(lines)
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("refused cut.jpg the JPEG is truncated: its pixels end near row "),
            line ->
                assertThat(line)
                    .startsWith("refused cut.png the PNG is damaged: pixels are missing"),
            line -> assertThat(line).isEqualTo("decoded extraneous.jpg its data have errors"),
            line -> assertThat(line).isEqualTo("decoded no-end.jpg its end marker is missing"),
            line -> assertThat(line).contains("noise.jpg"),
            line ->
                assertThat(line).startsWith("decoded note.png a checksum that pixels do not need"),
            line -> assertThat(line).isEqualTo("decoded profile.png "),
            line -> assertThat(line).isEqualTo("decoded whole.jpg "));
  }

  @Test
  void anImageThatDoesNotFitIntoMemoryIsNamedAndTheProcessGoesOn() throws Exception {
    write(
        "a-large.png",
        ImageDecoderTest.encode(
            new BufferedImage(9000, 9000, BufferedImage.TYPE_BYTE_GRAY), "png"));
    write("b-small.jpg", SyntheticPhotos.jpeg(SyntheticPhotos.photo(90, 70, 1), 0.9f));
    assertThat(run("64m"))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith(
                        "refused a-large.png Every image must fit into memory while it is decoded,"
                            + " but a-large.png does not: Java heap space, the largest heap being 64 MiB; ")
                    .contains("data.limits.megapixels"),
            line -> assertThat(line).isEqualTo("decoded b-small.jpg "));
  }

  private void write(String name, byte[] file) throws IOException {
    Files.createDirectories(directory.resolve("images"));
    Files.write(directory.resolve("images").resolve(name), file);
  }

  /** Decodes the images in the order of their names. */
  private List<String> run(String heap) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                DecodingProcess.class.getName()));
    try (var files = Files.list(directory.resolve("images"))) {
      files.sorted().map(Path::toString).forEach(command::add);
    }
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("lines").toFile())
            .redirectError(directory.resolve("errors").toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(directory.resolve("errors"))).isZero();
    return Files.readAllLines(directory.resolve("lines"));
  }
}
