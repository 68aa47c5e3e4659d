package org.simclrspark.driver.overview;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.report.Page;
import org.simclrspark.driver.run.DataIdentity;

/**
 * What others have reached with SimCLR on CIFAR-10 and ImageNet, each figure with its epochs, batch
 * and source: {@code published.json} beside this class.
 */
final class Published {

  private static final Set<String> CIFAR10 =
      Set.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private Published() {}

  /** The figures for the dataset that these images are of, if it is one of those. */
  static Optional<Object> of(DataIdentity images) {
    String name = null;
    if (images.classes().keySet().equals(CIFAR10)) {
      name = "CIFAR-10";
    } else if (images.classes().size() == 1000
        && images.classes().keySet().stream().allMatch(label -> label.matches("n\\d{8}"))) {
      name = "ImageNet";
    }
    return Optional.ofNullable(name).map(dataset -> figures().get(dataset));
  }

  private static Map<String, Object> figures() {
    try {
      return Json.parse(Page.text(Published.class, "published.json"));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("published.json must be JSON", e);
    }
  }

  /** The names of the datasets. */
  static List<String> datasets() {
    return List.copyOf(figures().keySet());
  }
}
