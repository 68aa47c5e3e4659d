package org.simclrspark.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.simclrspark.data.DataException;

/**
 * What Hugging Face's datasets library says about the columns in a file's metadata.
 *
 * @param images columns of images
 * @param classes the classes' names by number, of each column of labels
 * @see <a
 *     href="https://huggingface.co/docs/datasets/package_reference/main_classes#datasets.Features">
 *     Features</a>
 */
record HuggingFaceFeatures(List<String> images, Map<String, List<String>> classes) {
  private static final String KEY = "huggingface";

  static HuggingFaceFeatures of(String file, FileMetaData metadata) {
    List<String> images = new ArrayList<>();
    Map<String, List<String>> classes = new TreeMap<>();
    String json = metadata.getKeyValueMetaData().get(KEY);
    if (json != null) {
      JsonNode features = parse(file, json).path("info").path("features");
      features
          .fields()
          .forEachRemaining(
              feature -> {
                String type = feature.getValue().path("_type").asText();
                if (type.equals("Image")) {
                  images.add(feature.getKey());
                } else if (type.equals("ClassLabel") && feature.getValue().has("names")) {
                  List<String> names = new ArrayList<>();
                  feature.getValue().path("names").forEach(name -> names.add(name.asText()));
                  classes.put(feature.getKey(), names);
                }
              });
    }
    return new HuggingFaceFeatures(images, classes);
  }

  private static JsonNode parse(String file, String json) {
    try {
      return PreparedDataset.JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "The metadata named huggingface must be JSON, but that of "
              + file
              + " is not: "
              + e.getOriginalMessage(),
          e);
    }
  }
}
