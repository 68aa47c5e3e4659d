package org.simclrspark.driver.checkpoint;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.Storage;

/**
 * A complete checkpoint, for those who only look.
 *
 * @param step after which it was saved
 * @param time at which it was complete
 */
public record SavedCheckpoint(long step, Instant time) {

  /**
   * The newest complete checkpoint, if there is one; its bytes are not read.
   *
   * @param root the directory of all checkpoints
   */
  public static Optional<SavedCheckpoint> newest(Storage storage, Path root) {
    List<FileStatus> newestFirst =
        storage.list(root).stream()
            .filter(file -> CheckpointDirectory.step(file.getPath().getName()).isPresent())
            .sorted(Comparator.comparingLong((FileStatus file) -> step(file)).reversed())
            .toList();
    for (FileStatus directory : newestFirst) {
      for (FileStatus file : storage.list(directory.getPath())) {
        if (file.getPath().getName().equals(Manifest.FILE_NAME) && file.getLen() > 0) {
          return Optional.of(
              new SavedCheckpoint(
                  step(directory), Instant.ofEpochMilli(file.getModificationTime())));
        }
      }
    }
    return Optional.empty();
  }

  private static long step(FileStatus directory) {
    return CheckpointDirectory.step(directory.getPath().getName()).orElseThrow();
  }
}
