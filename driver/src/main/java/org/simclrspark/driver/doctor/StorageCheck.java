package org.simclrspark.driver.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.Secrets;

/** Whether a directory can be written, listed and read, and images can be read. */
final class StorageCheck {

  private static final byte[] CONTENT = "simclr doctor\n".getBytes(UTF_8);

  private StorageCheck() {}

  /** A file for all processes to read, in the directory of the run; the caller deletes it. */
  static Path probe(Path run) {
    return new Path(run, ".doctor-" + UUID.randomUUID());
  }

  /** Writes, lists and reads back. */
  static Finding write(Path probe, Configuration hadoop) {
    String subject = "storage " + Secrets.redact(probe.getParent().toString());
    String step = "write to";
    try {
      FileSystem files = probe.getFileSystem(hadoop);
      try (FSDataOutputStream out = files.create(probe, true)) {
        out.write(CONTENT);
      }
      step = "list";
      if (Arrays.stream(files.listStatus(probe.getParent()))
          .noneMatch(file -> file.getPath().getName().equals(probe.getName()))) {
        return Finding.bad(
            subject, "must list what was written, found it missing. Use a consistent file system.");
      }
      step = "read";
      String problem = read(probe, hadoop);
      return problem.isEmpty()
          ? Finding.good(subject, "can be written, listed and read by the driver")
          : Finding.bad(subject, problem);
    } catch (IOException | RuntimeException e) {
      return Finding.bad(
          subject,
          "the driver cannot %s it (%s). Check the path, permissions and credentials."
              .formatted(step, said(e)));
    }
  }

  /** Reads the probe; empty if it is whole, else what is wrong. */
  static String read(Path probe, Configuration hadoop) {
    try (InputStream in = probe.getFileSystem(hadoop).open(probe)) {
      return Arrays.equals(in.readAllBytes(), CONTENT) ? "" : "reads other bytes than were written";
    } catch (IOException | RuntimeException e) {
      return said(e);
    }
  }

  /** Keeps a file in a directory of this machine for a moment; empty if that works. */
  static String keep(String directory) {
    try {
      Files.delete(Files.createTempFile(Files.createDirectories(Paths.get(directory)), "", null));
      return "";
    } catch (IOException | RuntimeException e) {
      return said(e);
    }
  }

  /** Opens the first file of a dataset; empty if that works, else what is wrong. */
  static String readFirst(Path images, Configuration hadoop) {
    try {
      FileSystem files = images.getFileSystem(hadoop);
      FileStatus[] found = files.globStatus(images);
      if (found == null || found.length == 0) {
        return "finds nothing there";
      }
      FileStatus first = found[0];
      while (first.isDirectory()) {
        FileStatus[] inside = files.listStatus(first.getPath());
        if (inside.length == 0) {
          return "finds nothing in " + first.getPath();
        }
        first = inside[0];
      }
      try (InputStream in = files.open(first.getPath())) {
        return in.read() < 0 ? "finds an empty file, " + first.getPath() : "";
      }
    } catch (IOException | RuntimeException e) {
      return said(e);
    }
  }

  private static String said(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return Secrets.redact(message.lines().findFirst().orElse(e.toString()));
  }
}
