package org.simclrspark.data.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.simclrspark.data.source.PreparedDataset;

/** What a preparation does to files; an error of a local disk is an exception as elsewhere. */
final class TargetFiles {
  private static final int REQUESTS_AT_ONCE = 16;

  private final FileSystem fileSystem;

  TargetFiles(Path directory, Configuration configuration) throws IOException {
    fileSystem = directory.getFileSystem(configuration);
  }

  /**
   * Settings with which a local target gets no files of checksums beside the others. For another
   * target nothing changes: its client may count on the local file system being as it is.
   */
  static Configuration withoutChecksums(Path directory, Configuration hadoop) throws IOException {
    Configuration configuration = new Configuration(hadoop);
    if (directory.getFileSystem(hadoop) instanceof LocalFileSystem) {
      configuration.setClass("fs.file.impl", RawLocalFileSystem.class, FileSystem.class);
      configuration.setBoolean("fs.file.impl.disable.cache", true);
    }
    return configuration;
  }

  /** An action on files. */
  @FunctionalInterface
  interface Action<T> {
    void on(T item) throws IOException;
  }

  FileSystem fileSystem() {
    return fileSystem;
  }

  /** What is at a path, if anything. */
  Optional<FileStatus> status(Path path) throws IOException {
    try {
      return Optional.of(fileSystem.getFileStatus(path));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** What is in a directory; nothing if there is none. */
  List<FileStatus> list(Path directory) throws IOException {
    try {
      return List.of(fileSystem.listStatus(directory));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** Writes a file in place of an earlier one. */
  void write(Path file, byte[] bytes) throws IOException {
    try (var output = fileSystem.create(file, true)) {
      output.write(bytes);
    } catch (FSError e) {
      throw causeOf(e);
    }
    sync(file);
  }

  void writeJson(Path file, Object value) throws IOException {
    write(file, PreparedDataset.JSON.writeValueAsBytes(value));
  }

  /**
   * Gives a file another name, unless it has it already. S3 copies, then deletes: a move that was
   * cut in between has left both, and is made again.
   */
  void move(Path from, Path to) throws IOException {
    boolean there = fileSystem.exists(from);
    if (there) {
      delete(to);
    }
    boolean moved = there && fileSystem.rename(from, to);
    if (!moved && !fileSystem.exists(to)) {
      throw new IOException("a file cannot be renamed from " + from + " to " + to);
    }
  }

  void delete(Path path) throws IOException {
    if (!fileSystem.delete(path, true) && fileSystem.exists(path)) {
      throw new IOException(path + " cannot be deleted");
    }
  }

  /**
   * Makes a file, or the names in a directory, outlast a power cut; elsewhere than here they do.
   */
  void sync(Path path) throws IOException {
    if (!fileSystem.getUri().getScheme().equals("file")) {
      return;
    }
    java.nio.file.Path local = java.nio.file.Path.of(path.toUri().getPath());
    try (FileChannel channel = FileChannel.open(local, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Does something to all items, with several requests at once. */
  static <T> void forEach(List<T> items, Action<T> action) throws IOException {
    ExecutorService requests = Executors.newFixedThreadPool(REQUESTS_AT_ONCE);
    try {
      List<Future<?>> pending = new ArrayList<>();
      for (T item : items) {
        pending.add(
            requests.submit(
                () -> {
                  action.on(item);
                  return null;
                }));
      }
      for (Future<?> request : pending) {
        request.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("it was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
    } finally {
      requests.shutdownNow();
    }
  }

  /** What the local file system hides in an error, a full disk for one. */
  static IOException causeOf(FSError error) {
    return error.getCause() instanceof IOException cause ? cause : new IOException(error);
  }
}
