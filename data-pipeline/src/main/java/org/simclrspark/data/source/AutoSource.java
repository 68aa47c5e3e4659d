package org.simclrspark.data.source;

import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageSource;

/** A dataset whose format is found when it is first used. */
public final class AutoSource implements ImageSource {
  private final String path;
  private final Function<String, ImageSource> formats;
  private ImageSource found;

  /**
   * Names the data; nothing is read yet.
   *
   * @param formats opens the path with the format of a name
   */
  public AutoSource(String path, Function<String, ImageSource> formats) {
    this.path = path;
    this.formats = formats;
  }

  @Override
  public JavaRDD<ImageRecord> read(JavaSparkContext spark) {
    return found(spark).read(spark);
  }

  @Override
  public long count(JavaSparkContext spark) {
    return found(spark).count(spark);
  }

  private synchronized ImageSource found(JavaSparkContext spark) {
    if (found == null) {
      found = formats.apply(FormatDetector.detect(path, spark.hadoopConfiguration()));
    }
    return found;
  }
}
