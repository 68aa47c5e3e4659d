package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.AppendedFile;
import org.simclrspark.driver.storage.RetryPolicy;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.driver.storage.StorageException;

/** A file in a run directory on any Hadoop file system, replaced as a whole or appended to. */
public final class RunFile {

  private final Storage storage;
  private final FileSystem fileSystem;
  private final Path path;
  private final boolean appendable;

  /**
   * Names a file.
   *
   * @throws StorageException if there is no such file system or it cannot be reached
   */
  public RunFile(Path path, Configuration configuration) {
    this(path, configuration, RetryPolicy.STANDARD.limit());
  }

  /**
   * Names a file.
   *
   * @param patience how long an operation is tried again after errors that may pass
   * @throws StorageException if there is no such file system or it cannot be reached
   */
  public RunFile(Path path, Configuration configuration, Duration patience) {
    this.storage = Storage.of(path, configuration, System.err::println).givingUpAfter(patience);
    this.path = storage.qualify(path);
    try {
      FileSystem found = path.getFileSystem(configuration);
      // The checksummed local file system cannot append; the one below it can.
      this.fileSystem = found instanceof LocalFileSystem local ? local.getRaw() : found;
      this.appendable = fileSystem.hasPathCapability(this.path, CommonPathCapabilities.FS_APPEND);
    } catch (IOException e) {
      throw new StorageException("Could not open " + path + ": " + e.getMessage(), e);
    }
  }

  /** Whether the file system can append; an object store cannot. */
  public boolean appendable() {
    return appendable;
  }

  /** The file's bytes, or an empty result if there is no file. */
  public Optional<byte[]> read() {
    return storage.readIfPresent(path);
  }

  /**
   * What a function makes of the file's whole lines, one after the other; empty if there is no
   * file. It is called again with all lines where reading failed half way.
   */
  <T> Optional<T> readLines(Function<Stream<String>, T> function) {
    return storage.readIfPresent(path, in -> function.apply(WholeLines.of(in)));
  }

  /** At most so many of the file's last bytes. */
  Optional<byte[]> readEnd(int most) {
    return storage.readEnd(path, most);
  }

  /** Opens the file for appending and makes it if it does not exist. */
  public AppendedFile append() {
    return storage.append(path);
  }

  /** Replaces the file: a reader sees the old content or the new, whenever the writer dies. */
  public void replace(byte[] content) {
    if (appendable) {
      replaceByRename(out -> out.write(content));
    } else {
      // An object appears when its stream is closed, so that writing in place is already atomic.
      storage.write(path, out -> out.write(content));
    }
  }

  /**
   * Replaces the file by its own first lines and what follows them, in the same way but with no
   * more than a line in memory. Only for a file system that can append.
   *
   * @param lines that are kept
   */
  void replaceAfter(long lines, byte[] content) {
    replaceByRename(
        out -> {
          if (lines > 0) {
            copyLines(lines, out);
          }
          out.write(content);
        });
  }

  private void copyLines(long lines, OutputStream out) throws IOException {
    try (InputStream in = fileSystem.open(path)) {
      for (Iterator<String> kept = WholeLines.of(in).limit(lines).iterator(); kept.hasNext(); ) {
        out.write((kept.next() + '\n').getBytes(UTF_8));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void replaceByRename(Storage.Content content) {
    Path temporary = new Path(path.getParent(), "." + path.getName() + ".new");
    storage.write(temporary, content);
    try {
      if (!"file".equals(path.toUri().getScheme())) {
        FileContext.getFileContext(path.toUri(), fileSystem.getConf())
            .rename(temporary, path, Options.Rename.OVERWRITE);
      } else if (!fileSystem.rename(temporary, path)) {
        throw new IOException("the file system says no more");
      }
    } catch (IOException e) {
      throw new StorageException(
          "Could not rename " + temporary + " to " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
