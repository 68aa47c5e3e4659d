package org.simclrspark.driver.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/**
 * Files on a Hadoop file system. Every operation is tried again while its error may pass, and ends
 * in a {@link StorageException} otherwise.
 *
 * <p>Files are written in place: nothing here counts on a rename, which is a copy on S3. On the
 * local disk the checksummed file system is left out, so that no {@code .crc} files lie about and
 * {@code hsync} reaches the disk; checkpoints bring their own checksums.
 */
public final class Storage {

  private static final int READ_BUFFER = 1 << 20;

  private final FileSystem fileSystem;
  private final RetryPolicy retry;
  private final Consumer<String> log;

  /**
   * @param fileSystem used as it is
   * @param retry for errors that may pass
   * @param log takes a line about each failure that is tried again
   */
  public Storage(FileSystem fileSystem, RetryPolicy retry, Consumer<String> log) {
    this.fileSystem = fileSystem;
    this.retry = retry;
    this.log = log;
  }

  /**
   * The storage that a path is on. Errors of a local disk do not pass and are not tried again.
   *
   * @throws StorageException if there is no such file system or it cannot be reached
   */
  public static Storage of(Path path, Configuration hadoop, Consumer<String> log) {
    try {
      FileSystem found = path.getFileSystem(hadoop);
      return found instanceof LocalFileSystem local
          ? new Storage(local.getRaw(), RetryPolicy.NEVER, log)
          : new Storage(found, RetryPolicy.STANDARD, log);
    } catch (IOException | RuntimeException e) {
      throw new StorageException(
          "The file system of "
              + path
              + " must be reachable, found: "
              + said(e)
              + ". Check the address, the credentials and that its connector is on the class path"
              + " (s3a:// needs hadoop-aws)",
          e);
    }
  }

  /** The same storage that gives up after a time, or at once if it already does. */
  public Storage givingUpAfter(Duration limit) {
    Duration shorter = limit.compareTo(retry.limit()) < 0 ? limit : retry.limit();
    return new Storage(
        fileSystem, new RetryPolicy(retry.firstPause(), retry.longestPause(), shorter), log);
  }

  /** Writes the bytes of one file. May be called again after a failure. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Reads one file. */
  @FunctionalInterface
  public interface Reader<T> {
    T read(InputStream in) throws IOException;
  }

  /** The path with scheme and authority. */
  public Path qualify(Path path) {
    return fileSystem.makeQualified(path);
  }

  /**
   * Writes a file, in place of an earlier one, and asks for it to reach the disk where the file
   * system can say so. If this fails for good, what was written is removed as far as possible.
   */
  public void write(Path file, Content content) {
    try {
      call("write", file, () -> writeOnce(file, content));
    } catch (StorageException e) {
      try {
        fileSystem.delete(file, false);
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /**
   * Opens a file to append to, and makes it if there is none. A file that a dead writer left open
   * on HDFS is closed first: its owner's lease would hold for a minute.
   */
  public AppendedFile append(Path file) {
    if (fileSystem instanceof DistributedFileSystem hdfs) {
      call("recover", file, () -> recover(hdfs, file));
    }
    return call(
        "append to",
        file,
        () ->
            new AppendedFile(
                file,
                fileSystem.exists(file)
                    ? fileSystem.append(file)
                    : fileSystem.create(file, false)));
  }

  private static Void recover(DistributedFileSystem hdfs, Path file) throws IOException {
    if (hdfs.exists(file) && !hdfs.recoverLease(file)) {
      throw new IOException("its last writer is being cut off");
    }
    return null;
  }

  /** Reads a file from its start; the stream is closed afterwards. */
  public <T> T read(Path file, Reader<T> reader) {
    return call(
        "read",
        file,
        () -> {
          try (InputStream in = fileSystem.open(file, READ_BUFFER)) {
            return reader.read(in);
          }
        });
  }

  /** The bytes of a small file, or an empty result if there is none. */
  public Optional<byte[]> readIfPresent(Path file) {
    return readIfPresent(file, InputStream::readAllBytes);
  }

  /** Reads a file from its start, if there is one; called again after a failure that may pass. */
  public <T> Optional<T> readIfPresent(Path file, Reader<T> reader) {
    return call(
        "read",
        file,
        () -> {
          try (InputStream in = fileSystem.open(file)) {
            return Optional.of(reader.read(in));
          } catch (FileNotFoundException e) {
            return Optional.empty();
          } catch (UncheckedIOException e) {
            throw e.getCause();
          }
        });
  }

  /** At most so many of a file's last bytes, those included that its writer adds meanwhile. */
  public Optional<byte[]> readEnd(Path file, int most) {
    return call(
        "read",
        file,
        () -> {
          try (FSDataInputStream in = fileSystem.open(file)) {
            in.seek(Math.max(0, fileSystem.getFileStatus(file).getLen() - most));
            return Optional.of(in.readAllBytes());
          } catch (FileNotFoundException e) {
            return Optional.empty();
          }
        });
  }

  /** What is in a directory, by name; nothing if there is no such directory. */
  public List<FileStatus> list(Path directory) {
    return call(
        "list",
        directory,
        () -> {
          List<FileStatus> found = new ArrayList<>();
          try {
            found.addAll(List.of(fileSystem.listStatus(directory)));
          } catch (FileNotFoundException e) {
            return found;
          }
          found.sort((a, b) -> a.getPath().getName().compareTo(b.getPath().getName()));
          return found;
        });
  }

  /** Deletes a file or a directory with everything in it; nothing happens if there is none. */
  public void delete(Path path) {
    call("delete", path, () -> fileSystem.delete(path, true));
  }

  /** Makes the names in a directory outlast a power failure, on a local disk; elsewhere they do. */
  public void syncDirectory(Path directory) {
    Path qualified = qualify(directory);
    if (!"file".equals(qualified.toUri().getScheme())) {
      return;
    }
    call(
        "sync",
        directory,
        () -> {
          try (FileChannel channel =
              FileChannel.open(
                  java.nio.file.Path.of(qualified.toUri().getPath()), StandardOpenOption.READ)) {
            channel.force(true);
          }
          return null;
        });
  }

  private Void writeOnce(Path file, Content content) throws IOException {
    FSDataOutputStream out = fileSystem.create(file, true);
    try {
      content.writeTo(new Unclosed(out));
      if (out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
    } catch (IOException | RuntimeException | Error e) {
      abandon(out, e);
      throw e;
    }
    out.close();
    return null;
  }

  /** An object store would make an object of what was written so far, unless told to drop it. */
  private static void abandon(FSDataOutputStream out, Throwable cause) {
    try {
      out.abort();
    } catch (UnsupportedOperationException notAnObjectStore) {
      try {
        out.close();
      } catch (IOException | RuntimeException e) {
        if (e != cause) {
          cause.addSuppressed(e);
        }
      }
    }
  }

  @FunctionalInterface
  private interface Operation<T> {
    T run() throws IOException;
  }

  private <T> T call(String verb, Path path, Operation<T> operation) {
    long firstFailure = 0;
    for (int failures = 1; ; failures++) {
      try {
        return attempt(operation);
      } catch (IOException e) {
        long now = System.nanoTime();
        firstFailure = failures == 1 ? now : firstFailure;
        Optional<Duration> pause =
            RetryPolicy.mayPass(e)
                ? retry.pause(failures, Duration.ofNanos(now - firstFailure))
                : Optional.empty();
        if (pause.isEmpty()) {
          throw failure(verb, path, failures, e);
        }
        log.accept(
            String.format(
                Locale.ROOT,
                "Could not %s %s (%s); trying again in %.1f s",
                verb,
                path,
                said(e),
                pause.get().toMillis() / 1e3));
        sleep(pause.get(), verb, path);
      }
    }
  }

  private static <T> T attempt(Operation<T> operation) throws IOException {
    try {
      return operation.run();
    } catch (FSError e) {
      throw causeOf(e);
    }
  }

  /** What the local file system hides in an error, a full disk for one. */
  static IOException causeOf(FSError error) {
    return error.getCause() instanceof IOException cause ? cause : new IOException(error);
  }

  private static void sleep(Duration pause, String verb, Path path) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("Interrupted while waiting to " + verb + " " + path, e);
    }
  }

  static StorageException failure(String verb, Path path, int failures, IOException e) {
    String remedy =
        RetryPolicy.isFull(e)
            ? "The disk or quota is full. Free space, or lower checkpoint.keep, and start the same"
                + " command again"
            : "Start the same command again when the cause is gone";
    String tries = failures == 1 ? "" : " after " + failures + " tries";
    return new StorageException(
        "Could not " + verb + " " + path + tries + ": " + said(e) + ". " + remedy, e);
  }

  /** The first line of what an error says. */
  private static String said(Throwable error) {
    String message = error.getMessage();
    return message == null || message.isBlank()
        ? error.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElse("");
  }

  /** Passes everything on but {@link #close}: a stream is closed after its sync, not before. */
  private static final class Unclosed extends OutputStream {

    private final OutputStream out;

    Unclosed(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
