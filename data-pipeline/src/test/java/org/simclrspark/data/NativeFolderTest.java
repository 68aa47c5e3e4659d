package org.simclrspark.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeFolderTest {

  private static final List<String> MOUNTS =
      List.of(
          "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw",
          "23 22 0:20 / /home rw,nosuid,noexec,relatime shared:5 - ext4 /dev/sdb1 rw",
          "24 23 0:21 / /home/with\\040space rw,relatime - tmpfs tmpfs rw",
          "25 22 0:22 / /tmp rw,noexec - tmpfs tmpfs rw",
          "26 22 0:23 / /tmp rw - tmpfs tmpfs rw");

  private static boolean isNoexec(String folder) {
    return NativeFolder.isNoexec(Path.of(folder), MOUNTS);
  }

  @Test
  void theNearestMountDecides() {
    assertThat(isNoexec("/home/me/.javacpp")).isTrue();
    assertThat(isNoexec("/home/with space/.javacpp")).isFalse();
    assertThat(isNoexec("/homes")).isFalse();
    assertThat(isNoexec("/var")).isFalse();
  }

  @Test
  void theLastOfTwoOnOnePlaceDecides() {
    assertThat(isNoexec("/tmp/x")).isFalse();
  }

  @Test
  void aLibraryThatDoesNotLoadIsToldWithFolderAndRemedy() {
    LinkageError error = new UnsatisfiedLinkError("x.so: failed to map segment from shared object");
    assertThat(NativeFolder.failed(new ExceptionInInitializerError(error)))
        .hasMessageContaining("found: x.so: failed to map segment from shared object (free there: ")
        .hasMessageContaining("noexec: -Dorg.bytedeco.javacpp.cachedir=FOLDER");
  }
}
