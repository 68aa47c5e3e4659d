package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.StorageException;

/**
 * The file {@code summary.json} of a run: what came out of it, as one JSON object. Every name in
 * {@link #NAMES} is always there, with null for what is not known.
 */
public final class Summary {

  /** Name of the file in the run directory. */
  public static final String FILE_NAME = "summary.json";

  /** Optimizer steps taken. */
  public static final String STEPS = "steps";

  /** Images (not views) trained on in a second, over the whole run. */
  public static final String IMAGES_PER_SECOND = "images_per_second";

  /** Images that left their steps because they are damaged, each counted in every epoch. */
  public static final String IMAGES_SKIPPED = "images_skipped";

  /** Images in which something had to be overlooked, each counted in every epoch. */
  public static final String IMAGES_REPAIRED = "images_repaired";

  /** Loss of the first step. */
  public static final String LOSS_FIRST = "loss_first";

  /** Loss of the last step. */
  public static final String LOSS_LAST = "loss_last";

  /** Accuracy of weighted nearest neighbours on h, a fraction. */
  public static final String KNN_ACCURACY = "knn_accuracy";

  /** Accuracy of logistic regression on frozen h, a fraction. */
  public static final String LINEAR_ACCURACY = "linear_accuracy";

  /** Accuracy of the same nearest neighbours on pixels, a fraction. */
  public static final String KNN_ACCURACY_RAW_PIXELS = "knn_accuracy_raw_pixels";

  /** Accuracy of the same nearest neighbours on the untrained encoder's h, a fraction. */
  public static final String KNN_ACCURACY_RANDOM_ENCODER = "knn_accuracy_random_encoder";

  /** SHA-256 of the final parameters, in hexadecimal. */
  public static final String PARAMETERS_SHA256 = "parameters_sha256";

  /**
   * Fingerprint of the images that the run was trained on to its end; null before. Written by
   * training alone.
   */
  public static final String DATA_FINGERPRINT = "data_fingerprint";

  /** The names that every summary has, in the order in which they are written. */
  public static final List<String> NAMES =
      List.of(
          STEPS,
          IMAGES_PER_SECOND,
          IMAGES_SKIPPED,
          IMAGES_REPAIRED,
          LOSS_FIRST,
          LOSS_LAST,
          KNN_ACCURACY,
          LINEAR_ACCURACY,
          KNN_ACCURACY_RAW_PIXELS,
          KNN_ACCURACY_RANDOM_ENCODER,
          PARAMETERS_SHA256,
          DATA_FINGERPRINT);

  private final Map<String, Object> values;

  private Summary(Map<String, ?> values) {
    Map<String, Object> ordered = new LinkedHashMap<>();
    NAMES.forEach(name -> ordered.put(name, null));
    ordered.putAll(values);
    this.values = Collections.unmodifiableMap(ordered);
  }

  /** A summary of which nothing is known yet. */
  public static Summary empty() {
    return new Summary(Map.of());
  }

  /**
   * The summary of a run, or an empty result if it has none yet.
   *
   * @throws StorageException if the file cannot be read or is not a JSON object
   */
  public static Optional<Summary> read(Path runDirectory, Configuration configuration) {
    RunFile file = new RunFile(new Path(runDirectory, FILE_NAME), configuration);
    return file.read()
        .map(
            content -> {
              try {
                return new Summary(Json.parse(new String(content, UTF_8)));
              } catch (JsonProcessingException e) {
                throw new StorageException(
                    file + " must be a JSON object, found something else; move the file away", e);
              }
            });
  }

  /** Writes the file, in place of an earlier one. */
  public void write(Path runDirectory, Configuration configuration) {
    new RunFile(new Path(runDirectory, FILE_NAME), configuration)
        .replace((Json.pretty(values) + "\n").getBytes(UTF_8));
  }

  /** This summary with one value set: a number, a string, null, or a map of those. */
  public Summary with(String name, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    changed.put(name, value);
    return new Summary(changed);
  }

  /** This summary with several values set. */
  public Summary with(Map<String, ?> added) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    changed.putAll(added);
    return new Summary(changed);
  }

  /** All values by name, in the order in which they are written. */
  public Map<String, Object> values() {
    return values;
  }
}
