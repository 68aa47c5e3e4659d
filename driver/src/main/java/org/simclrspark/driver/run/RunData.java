package org.simclrspark.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.storage.Storage;

/**
 * The identity of a run's data, {@code data.json} in its directory.
 *
 * @param train the training images
 * @param test the test images, or null
 * @param labelled the images that an evaluation learns from, or null where these are the training
 *     images
 */
public record RunData(DataIdentity train, DataIdentity test, DataIdentity labelled) {

  private static final String FILE = "data.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a run was started with; empty for a run of a version that did not write it down. */
  public static Optional<RunData> read(Storage storage, Path run) {
    return storage
        .readIfPresent(new Path(run, FILE))
        .map(
            bytes -> {
              try {
                return JSON.readValue(bytes, RunData.class);
              } catch (java.io.IOException e) {
                throw new IllegalStateException(
                    new Path(run, FILE) + " must be JSON; remove it to go on without", e);
              }
            });
  }

  /** The images that an evaluation learns from. */
  public DataIdentity learned() {
    return labelled == null ? train : labelled;
  }

  void write(Storage storage, Path run) {
    try {
      byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
      storage.write(new Path(run, FILE), out -> out.write(bytes));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What keeps a run from going on with these data.
   *
   * @param before what the run was started with
   * @param run its directory
   * @return a line for training, test and labelled images at most
   */
  List<String> problems(RunData before, Path run) {
    List<String> problems = new ArrayList<>();
    if (!train.isSame(before.train)) {
      problems.add(
          changed("data.train", train, before.train)
              + " A run goes on with its own images: bring them back, or name the place that they"
              + " have moved to with --set data.train=PATH. To start anew on these images: "
              + startAnew("data.train", train.path(), run));
    }
    if (test != null && before.test != null && !test.isSame(before.test)) {
      problems.add(
          changed("data.test", test, before.test)
              + " Bring them back, name the place that they have moved to with --set"
              + " data.test=PATH, or go on without evaluation: --set data.test=null. To start anew"
              + " with these images: "
              + startAnew("data.test", test.path(), run));
    }
    if (labelled != null && before.labelled != null && !labelled.isSame(before.labelled)) {
      problems.add(
          changed("data.labelled", labelled, before.labelled)
              + " Bring them back, name the place that they have moved to with --set"
              + " data.labelled=PATH, or go on without evaluation: --set data.test=null. To start"
              + " anew with these images: "
              + startAnew("data.labelled", labelled.path(), run));
    }
    return problems;
  }

  private static String changed(String key, DataIdentity now, DataIdentity before) {
    return key
        + ": the images must be those that the run was started with, "
        + before.describe()
        + ", found "
        + now.describe()
        + " in "
        + now.path()
        + " ("
        + now.changesSince(before)
        + ").";
  }

  private static String startAnew(String key, String path, Path run) {
    return "simclr pretrain --conf "
        + new Path(run, SimclrConfig.FILE_NAME)
        + " --set "
        + key
        + "="
        + path
        + " --run NEW.";
  }
}
