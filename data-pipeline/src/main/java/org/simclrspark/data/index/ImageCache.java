package org.simclrspark.data.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * Images on the executor's own disk, a file each, shared by all tasks and executors of a machine.
 * What is damaged counts as absent, and nothing that goes wrong here stops a reader: losing the
 * cache costs time alone.
 *
 * <p>A file appears whole, by renaming, and has length and CRC in front. Its time of change is that
 * of its last use. Every now and then one process goes through all files and deletes those that
 * were not used for longest.
 */
final class ImageCache {
  private static final int MAGIC = 0x53696D31;
  private static final int HEADER = 3 * Integer.BYTES;
  private static final int DIRECTORIES = 1024;
  private static final String PARTIAL = ".partial";
  private static final String LOCK = "cache.lock";

  /** Room is made at {@value} of the size, down to {@link #AFTER}. */
  private static final double FULL = 0.95;

  private static final double AFTER = 0.85;

  /** Files are gone through each time this part of the size was written by this process. */
  private static final double WRITTEN_BETWEEN = 0.02;

  private static final long MILLISECONDS_OF_A_USE = 60_000;
  private static final long MILLISECONDS_AFTER_A_FAILURE = 60_000;
  private static final long MILLISECONDS_OF_A_PARTIAL = 3_600_000;

  private final Path directory;
  private final Path ofDataset;
  private final long size;
  private final AtomicLong written = new AtomicLong();
  private final AtomicBoolean making = new AtomicBoolean();
  private volatile long pausedUntil;

  /**
   * Opens the cache.
   *
   * @param directory of all datasets
   * @param dataset tells datasets apart
   * @param size bytes that the cache may take on this machine
   */
  ImageCache(String directory, String dataset, long size) {
    this.directory = Path.of(directory);
    this.ofDataset = this.directory.resolve(dataset);
    this.size = size;
    written.set(Long.MAX_VALUE / 2);
  }

  /** Whether an image seems to be there. */
  boolean has(long id) {
    return Files.exists(file(id));
  }

  /** The image, or null if it is not there or damaged. */
  byte[] get(long id, int length) {
    Path file = file(id);
    try {
      ByteBuffer stored = ByteBuffer.wrap(Files.readAllBytes(file));
      if (stored.remaining() != HEADER + length
          || stored.getInt() != MAGIC
          || stored.getInt() != length) {
        Files.deleteIfExists(file);
        return null;
      }
      int crc = stored.getInt();
      if (crc != crc(stored.slice())) {
        Files.deleteIfExists(file);
        return null;
      }
      touch(file);
      byte[] image = new byte[length];
      stored.get(image);
      return image;
    } catch (IOException e) {
      return null;
    }
  }

  private static void touch(Path file) throws IOException {
    long now = System.currentTimeMillis();
    if (now - Files.getLastModifiedTime(file).toMillis() > MILLISECONDS_OF_A_USE) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(now));
    }
  }

  /** Keeps an image, if that is possible. */
  void put(long id, byte[] image) {
    if (System.currentTimeMillis() < pausedUntil) {
      return;
    }
    Path file = file(id);
    Path partial = file.resolveSibling(UUID.randomUUID() + PARTIAL);
    try {
      Files.createDirectories(file.getParent());
      ByteBuffer stored = ByteBuffer.allocate(HEADER + image.length);
      stored.putInt(MAGIC).putInt(image.length).putInt(crc(ByteBuffer.wrap(image))).put(image);
      Files.write(partial, stored.array());
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      if (written.addAndGet(stored.capacity()) > size * WRITTEN_BETWEEN
          && making.compareAndSet(false, true)) {
        Thread thread = new Thread(this::makeRoom, "simclr-cache");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      // A full disk, most likely.
      pausedUntil = System.currentTimeMillis() + MILLISECONDS_AFTER_A_FAILURE;
      try {
        Files.deleteIfExists(partial);
      } catch (IOException leftToTheNextRound) {
        // Partial files do not last.
      }
    }
  }

  private Path file(long id) {
    return ofDataset.resolve(Long.toString(id % DIRECTORIES)).resolve(Long.toString(id));
  }

  private static int crc(ByteBuffer image) {
    CRC32C crc = new CRC32C();
    crc.update(image);
    return (int) crc.getValue();
  }

  /** Goes through the files, unless another process does. */
  private void makeRoom() {
    written.set(0);
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        deleteUnused();
      }
    } catch (IOException | OverlappingFileLockException leftToTheNextRound) {
      // Another dataset of this process goes through them, or the disk has gone.
    } finally {
      making.set(false);
    }
  }

  private void deleteUnused() throws IOException {
    TreeMap<Long, Long> bytesByTime = new TreeMap<>();
    visit((file, used, bytes) -> bytesByTime.merge(used, bytes, Long::sum));
    long excess = bytesByTime.values().stream().mapToLong(Long::longValue).sum();
    if (excess <= size * FULL) {
      return;
    }
    excess -= (long) (size * AFTER);
    long last = Long.MIN_VALUE;
    long ofLast = 0;
    for (Map.Entry<Long, Long> time : bytesByTime.entrySet()) {
      if (excess <= 0) {
        break;
      }
      last = time.getKey();
      ofLast = excess;
      excess -= time.getValue();
    }
    long until = last;
    AtomicLong left = new AtomicLong(ofLast);
    visit(
        (file, used, bytes) -> {
          if (used < until || (used == until && left.getAndAdd(-bytes) > 0)) {
            Files.deleteIfExists(file);
          }
        });
  }

  private interface Visitor {
    /** A file, the tenth of a second of its last use, and its length. */
    void visit(Path file, long used, long bytes) throws IOException;
  }

  private void visit(Visitor visitor) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            long used = attributes.lastModifiedTime().toMillis();
            if (!file.getFileName().toString().endsWith(PARTIAL)) {
              visitor.visit(file, used / 100, attributes.size());
            } else if (System.currentTimeMillis() - used > MILLISECONDS_OF_A_PARTIAL) {
              Files.deleteIfExists(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException deletedMeanwhile) {
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
