package org.simclrspark.driver.storage;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A real file system whose client is cut off at a chosen operation. */
public final class CutFileSystem extends FilterFileSystem {

  /** What happens at the chosen operation. */
  public enum Mode {
    /** The process dies: half of a write gets through, nothing after it, no stream is closed. */
    DIES,
    /** The operation fails once without effect; later ones work. */
    FAILS_ONCE,
    /** The operation takes effect and is reported as failed; later ones work. */
    FAILS_ONCE_AFTER_ITS_EFFECT
  }

  /** Ends the doomed process where the rules of Java would let it clean up. */
  public static final class Death extends Error {}

  private final int cut;
  private final Mode mode;
  private int operations;

  /**
   * @param real left open
   * @param cut operation, from 1, at which it happens
   */
  public CutFileSystem(FileSystem real, int cut, Mode mode) {
    super(real);
    this.cut = cut;
    this.mode = mode;
  }

  /** Operations so far. */
  public int operations() {
    return operations;
  }

  /** Whether the cut has happened. */
  public boolean isCut() {
    return operations >= cut;
  }

  @FunctionalInterface
  private interface Operation<T> {
    T run() throws IOException;
  }

  private <T> T count(Operation<T> operation) throws IOException {
    operations++;
    if (mode == Mode.DIES && operations >= cut) {
      throw new Death();
    }
    if (operations == cut) {
      IOException failure = new IOException("Cut at operation " + cut);
      if (mode == Mode.FAILS_ONCE_AFTER_ITS_EFFECT) {
        try {
          operation.run();
        } catch (IOException itsOwn) {
          failure.addSuppressed(itsOwn);
        }
      }
      throw failure;
    }
    return operation.run();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream real =
        count(
            () ->
                fs.create(
                    path, permission, overwrite, bufferSize, replication, blockSize, progress));
    return new FSDataOutputStream(new CutStream(real), null);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    return count(() -> fs.open(path, bufferSize));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return count(() -> fs.listStatus(path));
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return count(() -> fs.delete(path, recursive));
  }

  private final class CutStream extends OutputStream
      implements Syncable, StreamCapabilities, Abortable {

    private final FSDataOutputStream real;

    CutStream(FSDataOutputStream real) {
      this.real = real;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (mode == Mode.DIES && operations + 1 == cut) {
        real.write(bytes, offset, length / 2);
        if (real.hasCapability(StreamCapabilities.HFLUSH)) {
          real.hflush();
        }
      }
      count(
          () -> {
            real.write(bytes, offset, length);
            return null;
          });
    }

    @Override
    public void flush() throws IOException {
      real.flush();
    }

    @Override
    public void hflush() throws IOException {
      real.hflush();
    }

    @Override
    public void hsync() throws IOException {
      count(
          () -> {
            real.hsync();
            return null;
          });
    }

    @Override
    public void close() throws IOException {
      count(
          () -> {
            real.close();
            return null;
          });
    }

    @Override
    public boolean hasCapability(String capability) {
      return real.hasCapability(capability);
    }

    @Override
    public AbortableResult abort() {
      return real.abort();
    }
  }
}
