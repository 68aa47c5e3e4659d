package org.simclrspark.driver.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.PathIsDirectoryException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;

/**
 * How long a file operation is tried again after an error that may pass, such as an HDFS in safe
 * mode or an S3 that answers 503: the pause doubles from the first to the longest.
 *
 * <p>The file systems' own clients retry too, below this one.
 *
 * @param firstPause pause after the first failure
 * @param longestPause upper bound of a pause
 * @param limit time from the first failure after which the operation is given up; zero for no retry
 */
public record RetryPolicy(Duration firstPause, Duration longestPause, Duration limit) {

  /** Half a second, doubling up to 20 seconds, for 3 minutes. */
  public static final RetryPolicy STANDARD =
      new RetryPolicy(Duration.ofMillis(500), Duration.ofSeconds(20), Duration.ofMinutes(3));

  /** Gives up at the first failure. */
  public static final RetryPolicy NEVER =
      new RetryPolicy(Duration.ZERO, Duration.ZERO, Duration.ZERO);

  private static final List<String> FULL =
      List.of("no space left on device", "disk quota exceeded", "not enough space", "disk full");

  /**
   * The pause before the next try.
   *
   * @param failures so far, from 1
   * @param sinceFirst time since the first failure
   * @return empty if the operation must be given up
   */
  public Optional<Duration> pause(int failures, Duration sinceFirst) {
    if (sinceFirst.compareTo(limit) >= 0) {
      return Optional.empty();
    }
    Duration doubled = firstPause.multipliedBy(1L << Math.min(failures - 1, 30));
    Duration pause = doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
    Duration left = limit.minus(sinceFirst);
    return Optional.of(pause.compareTo(left) < 0 ? pause : left);
  }

  /** Whether an error may pass without anybody's help. */
  public static boolean mayPass(IOException error) {
    IOException cause = unwrapped(error);
    return !(isFull(cause)
        || cause instanceof FileNotFoundException
        || cause instanceof FileSystemException
        || cause instanceof NoSuchFileException
        || cause instanceof AccessControlException
        || cause instanceof FileAlreadyExistsException
        || cause instanceof ParentNotDirectoryException
        || cause instanceof PathIsDirectoryException
        || cause instanceof UnsupportedFileSystemException
        || cause instanceof ClosedByInterruptException
        || (cause instanceof InterruptedIOException && Thread.currentThread().isInterrupted())
        || cause.getClass().getSimpleName().equals("AWSBadRequestException")
        || cause.getClass().getSimpleName().equals("AWSRedirectException"));
  }

  /** Whether an error says that a disk or a quota is full. */
  public static boolean isFull(IOException error) {
    for (Throwable cause = unwrapped(error); cause != null; cause = cause.getCause()) {
      String name = cause.getClass().getSimpleName();
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (name.endsWith("QuotaExceededException")
          || name.equals("DiskOutOfSpaceException")
          || FULL.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }

  private static IOException unwrapped(IOException error) {
    return error instanceof RemoteException remote ? remote.unwrapRemoteException() : error;
  }
}
