package org.simclrspark.data;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder that JavaCPP unpacks native libraries into. JavaCPP takes the first that can be
 * written; this is the first from which libraries can be loaded as well, which mounts with the
 * option noexec forbid.
 */
public final class NativeFolder {

  private static final String PROPERTY = "org.bytedeco.javacpp.cachedir";
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private NativeFolder() {}

  /** Says that there is no folder to load native libraries from, or that loading failed. */
  public static final class NativeFolderException extends RuntimeException {

    private static final long serialVersionUID = 1;

    NativeFolderException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Chooses the folder, unless {@value #PROPERTY} names one. Must run before anything of JavaCPP.
   *
   * @throws NativeFolderException if there is none
   */
  public static synchronized void choose() {
    if (System.getProperty(PROPERTY) != null) {
      return;
    }
    List<String> refused = new ArrayList<>();
    for (Path folder : candidates()) {
      String reason = unfitness(folder);
      if (reason == null) {
        System.setProperty(PROPERTY, folder.toString());
        return;
      }
      refused.add(folder + " (" + reason + ")");
    }
    throw new NativeFolderException(
        "Native libraries need a folder that they can be unpacked into and loaded from, found "
            + String.join(" and ", refused)
            + ". "
            + remedy(),
        null);
  }

  /** The words for a native library that did not load. */
  public static NativeFolderException failed(Throwable error) {
    String folder = System.getProperty(PROPERTY, "the folder of JavaCPP");
    String said = String.valueOf(deepest(error).getMessage()).lines().findFirst().orElse("");
    return new NativeFolderException(
        "Native libraries must be unpacked into and loaded from "
            + folder
            + ", found: "
            + said
            + " ("
            + free(folder)
            + "). "
            + remedy(),
        error);
  }

  private static String remedy() {
    return "Name a folder on a disk with 1 GB to spare and without the mount option noexec: -D"
        + PROPERTY
        + "=FOLDER in SIMCLR_JAVA_OPTIONS, and in spark.executor.extraJavaOptions for executors";
  }

  private static Throwable deepest(Throwable error) {
    Throwable deepest = error;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest;
  }

  private static String free(String folder) {
    return "free there: " + (new File(folder).getUsableSpace() >> 20) + " MiB";
  }

  private static List<Path> candidates() {
    String home = System.getProperty("user.home", "");
    List<Path> folders = new ArrayList<>();
    // Without an entry in the list of users the JDK says "?".
    if (home.startsWith("/") && home.length() > 1) {
      folders.add(Path.of(home, ".javacpp", "cache"));
    }
    folders.add(
        Path.of(
            System.getProperty("java.io.tmpdir"),
            ".javacpp-" + System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_"),
            "cache"));
    return folders;
  }

  /** Why a folder cannot serve, or null if it can. */
  private static String unfitness(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "write", null));
      return isNoexec(folder.toRealPath()) ? "mounted noexec" : null;
    } catch (IOException e) {
      return "cannot be written: " + e.getMessage();
    }
  }

  private static boolean isNoexec(Path folder) throws IOException {
    return Files.exists(MOUNTS) && isNoexec(folder, Files.readAllLines(MOUNTS));
  }

  /**
   * Whether the mount that a folder is on forbids to load libraries.
   *
   * @param mounts lines of {@code /proc/self/mountinfo}; later ones cover earlier ones
   */
  static boolean isNoexec(Path folder, List<String> mounts) {
    int longest = -1;
    boolean noexec = false;
    for (String mount : mounts) {
      List<String> fields = List.of(mount.split(" ", 7));
      Path point = Path.of(fields.get(4).replace("\\040", " ").replace("\\011", "\t"));
      if (folder.startsWith(point) && point.getNameCount() >= longest) {
        longest = point.getNameCount();
        noexec = List.of(fields.get(5).split(",", -1)).contains("noexec");
      }
    }
    return noexec;
  }
}
