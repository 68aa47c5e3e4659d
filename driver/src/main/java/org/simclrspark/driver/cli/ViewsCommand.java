package org.simclrspark.driver.cli;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.ViewSheet;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.config.SimclrConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws images and their views. */
@Command(
    name = "views",
    description = {
      "Draws images, each beside its two views as training sees them.",
      "Augmentation and seed are those of --conf, --run or --set. Without any of them: those of"
          + " CIFAR for CIFAR's images, else those of the paper for 224 px."
    })
final class ViewsCommand implements Callable<Integer>, NativeThreads {

  private static final int PAPER_SIZE = 224;

  @Mixin private CommonOptions common;
  @Mixin private ConfigurationOptions options;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "The images. Default: those that the configuration trains on.")
  private String data;

  @Option(
      names = "--format",
      defaultValue = "auto",
      description = "Their format, with --data. Default: ${DEFAULT-VALUE}, found from the path.")
  private String format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The PNG file to write.")
  private File out;

  @Option(
      names = "--count",
      defaultValue = "12",
      description = "How many images. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--epoch",
      defaultValue = "0",
      description = "The epoch whose views to draw, from 0. Default: ${DEFAULT-VALUE}.")
  private int epoch;

  @Override
  public Integer call() throws IOException {
    boolean configured = options.isGiven() || data == null;
    SimclrConfig config = configured ? options.forTraining(HadoopSettings.current()) : null;
    DatasetSpec spec = data != null ? DatasetSpec.train(data, format) : config.data().trainSpec();
    List<ImageRecord> images;
    try (JavaSparkContext spark = SparkContexts.start("simclr views", common.master(), 1)) {
      images = ImageSources.first(spec, Math.max(1, count), spark.hadoopConfiguration());
    }
    AugmentSettings settings = config != null ? config.augment().settings() : preset(images);
    long seed = config != null ? config.train().seed() : 1;
    ImageIO.write(ViewSheet.draw(images, settings, seed, epoch), "png", out);
    System.out.println(
        images.size() + " images, each with its two views, are drawn in " + out + ".");
    return ExitStatus.DONE;
  }

  private static AugmentSettings preset(List<ImageRecord> images) {
    return images.get(0).encoding() == Encoding.CIFAR
        ? AugmentSettings.cifar()
        : AugmentSettings.simclr(PAPER_SIZE);
  }

  @Override
  public int nativeThreads() {
    return 1;
  }
}
