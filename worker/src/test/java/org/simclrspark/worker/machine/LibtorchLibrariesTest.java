package org.simclrspark.worker.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LibtorchLibrariesTest {

  @Test
  void oneBuildIsLoaded() {
    assertThat(LibtorchLibraries.folder(true, false)).isEqualTo(LibtorchLibraries.CPU);
    assertThat(LibtorchLibraries.folder(false, true)).isEqualTo(LibtorchLibraries.GPU);
  }

  @Test
  void twoBuildsAreNamedBeforeTheyAbortTheProcess() {
    assertThatThrownBy(() -> LibtorchLibraries.folder(true, true))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("found both")
        .hasMessageContaining("Remove pytorch-*-linux-x86_64.jar");
  }

  @Test
  void noBuildIsNamedWithTheProfiles() {
    assertThatThrownBy(() -> LibtorchLibraries.folder(false, false))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("found none on the class path")
        .hasMessageContaining("mvn -Plibtorch clean");
  }

  @Test
  void aMissingLibraryIsNamed() {
    assertThat(
            LibtorchLibraries.missing(
                new UnsatisfiedLinkError("libcudnn.so.9: cannot open shared object file")))
        .hasMessageContaining("found: libcudnn.so.9: cannot open shared object file. Install");
  }
}
