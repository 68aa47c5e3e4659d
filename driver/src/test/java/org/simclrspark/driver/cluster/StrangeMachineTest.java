package org.simclrspark.driver.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine that has no name for the user, and whose home and temporary folder are mounted noexec,
 * made by a mount namespace; needs the right to make one.
 */
class StrangeMachineTest {

  @TempDir private Path directory;

  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = directory.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return process.exitValue() + "\n" + Files.readString(output, UTF_8);
  }

  @Test
  void aUserWithoutNameAndFoldersWithoutExec() throws Exception {
    assumeThat(run(List.of("unshare", "-m", "true"))).startsWith("0");
    // As a list of users it is empty; as a list of their sources it names no other.
    Path nobody =
        Files.writeString(directory.resolve("passwd"), "# passwd: files\npasswd: files\n");
    Path home = Files.createDirectory(directory.resolve("home"));
    Path noexec = Files.createDirectory(directory.resolve("tmp"));
    Path temporary = Files.createDirectory(directory.resolve("exec"));
    String script =
        "mount --bind \"$1\" /etc/passwd && mount --bind \"$1\" /etc/nsswitch.conf && mount -t tmpfs -o noexec x \"$2\""
            + " && mount -t tmpfs -o noexec x \"$3\" && shift 3 && exec \"$@\"";
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String said =
        run(
            List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                script,
                "sh",
                nobody.toString(),
                home.toString(),
                noexec.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Duser.home=" + home,
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                classPath,
                StrangeMachineProcess.class.getName(),
                noexec.toString()));
    String uid = Files.getAttribute(directory, "unix:uid").toString();
    assertThat(said)
        .startsWith("0\n")
        .contains("hadoop: " + uid + "\n", "spark: " + uid + "\n", "listed: true")
        .contains("natives: " + temporary + "/.javacpp-" + uid + "/cache\n")
        .contains(
            "Native libraries need a folder that they can be unpacked into and loaded from, found "
                + home
                + "/.javacpp/cache (mounted noexec) and "
                + noexec
                + "/.javacpp-"
                + uid
                + "/cache (mounted noexec). Name a folder");
  }
}
