package org.simclrspark.driver.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.augment.Thumbnails;
import org.simclrspark.data.epoch.KeyedSample;
import org.simclrspark.data.index.Dataset;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.evaluate.NearestImages;
import org.simclrspark.driver.overview.RunPictures;
import org.simclrspark.driver.report.Json;
import org.simclrspark.driver.storage.Storage;

/**
 * The pictures of a run's report: images beside their views, test images beside their neighbours.
 */
final class ReportPictures {

  private static final int SIDE = 128;

  private final Path run;
  private final SimclrConfig config;
  private final Configuration hadoop;

  /**
   * Makes nothing yet.
   *
   * @param run its directory
   */
  ReportPictures(Path run, SimclrConfig config, Configuration hadoop) {
    this.run = run;
    this.config = config;
    this.hadoop = hadoop;
  }

  /** Writes some images beside their views of the first epoch, unless they are there. */
  void views(Dataset dataset) {
    Path file = new Path(run, RunPictures.VIEWS);
    if (config.report().images() == 0 || storage().readIfPresent(file).isPresent()) {
      return;
    }
    AugmentSettings settings = config.augment().settings();
    Augmenter augmenter = new Augmenter(settings, config.data().limits());
    int bytes = settings.viewBytes();
    byte[] views = new byte[2 * bytes];
    List<Object> shown = new ArrayList<>();
    long seed = config.train().seed();
    long[] ids = KeyedSample.ids(dataset.count(), config.report().images(), seed);
    for (Iterator<ImageRecord> images = dataset.reader().read(ids); images.hasNext(); ) {
      ImageRecord image = images.next();
      try {
        augmenter.views(image, seed, 0, views, 0, views, bytes);
      } catch (DataException damaged) {
        continue;
      }
      Map<String, Object> one = picture("whole", image);
      one.put("views", List.of(view(views, 0, settings), view(views, bytes, settings)));
      shown.add(one);
    }
    write(file, Map.of("size", settings.size(), "images", shown));
  }

  /** Writes test images beside their nearest training images. */
  void neighbours(long step, List<NearestImages> nearest, Dataset train, Dataset test) {
    Map<Long, Map<String, Object>> queries =
        pictures(test, nearest.stream().mapToLong(NearestImages::id));
    Map<Long, Map<String, Object>> neighbours =
        pictures(
            train,
            nearest.stream()
                .flatMap(query -> query.neighbours().stream())
                .mapToLong(NearestImages.Neighbour::id));
    List<Object> shown = new ArrayList<>();
    for (NearestImages query : nearest) {
      List<Object> found = new ArrayList<>();
      query
          .neighbours()
          .forEach(
              neighbour -> {
                Map<String, Object> one = new LinkedHashMap<>(neighbours.get(neighbour.id()));
                one.put("similarity", neighbour.similarity());
                found.add(one);
              });
      Map<String, Object> one = new LinkedHashMap<>(queries.get(query.id()));
      one.put("neighbours", found);
      shown.add(one);
    }
    write(
        new Path(run, RunPictures.NEIGHBOURS),
        Map.of("step", step, "size", config.augment().settings().size(), "queries", shown));
  }

  private Map<Long, Map<String, Object>> pictures(Dataset dataset, LongStream ids) {
    Map<Long, Map<String, Object>> pictures = new HashMap<>();
    long[] each = ids.sorted().distinct().toArray();
    for (Iterator<ImageRecord> images = dataset.reader().read(each); images.hasNext(); ) {
      ImageRecord image = images.next();
      pictures.put(image.id(), picture("image", image));
    }
    return pictures;
  }

  private Map<String, Object> picture(String key, ImageRecord image) {
    Map<String, Object> picture = new LinkedHashMap<>();
    List<String> path = Arrays.asList(image.name().split("/", -1));
    picture.put("name", path.get(path.size() - 1));
    picture.put("label", image.label());
    picture.put(key, Thumbnails.address(Thumbnails.whole(image, config.data().limits()), SIDE));
    return picture;
  }

  private static String view(byte[] views, int offset, AugmentSettings settings) {
    return Thumbnails.address(Thumbnails.view(views, offset, settings.size()), SIDE);
  }

  private void write(Path file, Map<String, ?> values) {
    byte[] bytes = Json.line(values).getBytes(UTF_8);
    storage().write(file, out -> out.write(bytes));
  }

  private Storage storage() {
    return Storage.of(run, hadoop, line -> {});
  }
}
