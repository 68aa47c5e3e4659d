package org.simclrspark.data.index;

import java.io.File;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images on the executor's own disk, a file each, shared by all tasks and executors of a user on a
 * machine. What is damaged counts as absent, and nothing that goes wrong here stops a reader:
 * losing the cache costs time alone.
 *
 * <p>A file appears whole, by renaming, and has length and CRC in front. Its time of change is that
 * of its last use. Every now and then one process goes through all files and deletes those that
 * were not used for longest. All lies in a directory of the cache's own, within the one that it is
 * given: what else is there is never touched. A part of the disk is left to others, such as Spark's
 * shuffle; where they fill it, the cache shrinks.
 */
final class ImageCache {
  private static final Logger LOG = LoggerFactory.getLogger(ImageCache.class);
  private static final int MAGIC = 0x53696D31;
  private static final int HEADER = 3 * Integer.BYTES;
  private static final int DIRECTORIES = 1024;
  private static final String PARTIAL = ".partial";
  private static final String LOCK = "cache.lock";

  /** Room is made at {@value} of the size, down to {@link #AFTER}. */
  private static final double FULL = 0.95;

  private static final double AFTER = 0.85;

  /** Part of the disk that is left to others. */
  private static final double RESERVE = 0.05;

  /** Files are gone through each time this part of the size was written by this process. */
  private static final double WRITTEN_BETWEEN = 0.02;

  private static final long MILLISECONDS_OF_A_USE = 60_000;
  private static final long MILLISECONDS_AFTER_A_FAILURE = 60_000;
  private static final long MILLISECONDS_OF_A_PARTIAL = 3_600_000;

  private final Path directory;
  private final Path ofDataset;
  private final long size;
  private final double reserve;
  private final AtomicBoolean told = new AtomicBoolean();
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
    this(directory, dataset, size, RESERVE);
  }

  /**
   * Opens the cache.
   *
   * @param reserve part of the disk that is left to others, 0 to 1
   */
  ImageCache(String directory, String dataset, long size, double reserve) {
    this.directory = Path.of(directory, "simclr-cache-" + System.getProperty("user.name"));
    this.ofDataset = this.directory.resolve(dataset);
    this.size = size;
    this.reserve = reserve;
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

  private static void touch(Path file) {
    long now = System.currentTimeMillis();
    try {
      if (now - Files.getLastModifiedTime(file).toMillis() > MILLISECONDS_OF_A_USE) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(now));
      }
    } catch (IOException mayNotBeWritten) {
      // It has been read all the same.
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
      if (room() < 0) {
        pausedUntil = System.currentTimeMillis() + MILLISECONDS_AFTER_A_FAILURE;
        startMakingRoom();
        return;
      }
      ByteBuffer stored = ByteBuffer.allocate(HEADER + image.length);
      stored.putInt(MAGIC).putInt(image.length).putInt(crc(ByteBuffer.wrap(image))).put(image);
      Files.write(partial, stored.array());
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      if (written.addAndGet(stored.capacity()) > size * WRITTEN_BETWEEN) {
        startMakingRoom();
      }
    } catch (IOException e) {
      pausedUntil = System.currentTimeMillis() + MILLISECONDS_AFTER_A_FAILURE;
      if (told.compareAndSet(false, true)) {
        LOG.warn(
            "data.cache must take what is read, but nothing can be kept in {}: {}; images come from"
                + " storage until it can. Check that the directory may be written by {} on each"
                + " executor's machine",
            directory,
            Scans.reason(e),
            System.getProperty("user.name"));
      }
      try {
        Files.deleteIfExists(partial);
      } catch (IOException leftToTheNextRound) {
        // Partial files do not last.
      }
    }
  }

  /** Bytes of the disk that may still be taken; negative where others have filled it. */
  private long room() {
    File disk = directory.toFile();
    return disk.getUsableSpace() - (long) (disk.getTotalSpace() * reserve);
  }

  private Path file(long id) {
    return ofDataset.resolve(Long.toString(id % DIRECTORIES)).resolve(Long.toString(id));
  }

  private static int crc(ByteBuffer image) {
    CRC32C crc = new CRC32C();
    crc.update(image);
    return (int) crc.getValue();
  }

  private void startMakingRoom() {
    if (making.compareAndSet(false, true)) {
      Thread thread = new Thread(this::makeRoom, "simclr-cache");
      thread.setDaemon(true);
      thread.start();
    }
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
    long taken = bytesByTime.values().stream().mapToLong(Long::longValue).sum();
    long most = Math.max(0, Math.min(size, taken + room()));
    if (taken <= most * FULL) {
      return;
    }
    long excess = taken - (long) (most * AFTER);
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
            String name = file.getFileName().toString();
            if (name.equals(LOCK)) {
              return FileVisitResult.CONTINUE;
            }
            if (!name.endsWith(PARTIAL)) {
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
