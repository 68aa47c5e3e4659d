package org.simclrspark.driver.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.ImageSources;
import org.simclrspark.data.index.DatasetSpec;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.prepare.Preparation;
import org.simclrspark.data.prepare.PrepareSettings;
import org.simclrspark.data.prepare.PrepareSettings.Form;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.driver.report.CountProgress;
import org.simclrspark.driver.run.TargetLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Turns any dataset into Parquet. */
@Command(
    name = "prepare",
    description = {
      "Turns any dataset into Parquet that is fast to read and to shuffle.",
      "Every image is decoded and checked; those that cannot be decoded are listed in"
          + " _rejected-GENERATION.jsonl. An interrupted preparation goes on when the command is run again."
    },
    sortOptions = false)
final class PrepareCommand implements Callable<Integer>, NativeThreads {

  private static final double MEBI = 1 << 20;

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--from",
      paramLabel = "PATH",
      required = true,
      description = "The dataset: a file, a directory or a glob on any Hadoop file system.")
  private String from;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "A new directory for the prepared dataset.")
  private String to;

  @Option(
      names = "--format",
      defaultValue = "auto",
      description = "Format of the dataset. Default: ${DEFAULT-VALUE}, found from the path.")
  private String format;

  @Option(
      names = "--split",
      defaultValue = "train",
      description = "Of a path that holds both: train or test. Default: ${DEFAULT-VALUE}.")
  private Split split;

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      description = "Column of a Parquet dataset with the images. Default: found by name.")
  private String imageColumn;

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description =
          "Column of a Parquet dataset with the classes, or the key of directories such as"
              + " class=cat. Default: found by name.")
  private String labelColumn;

  @Option(
      names = "--shorter-side",
      paramLabel = "PIXELS",
      defaultValue = "0",
      description = "Shrinks larger images to this shorter side. Default: not.")
  private int shorterSide;

  @Option(
      names = "--store",
      defaultValue = "keep",
      description =
          "keep: files as they are, JPEG where they shrink; jpeg; raw: pixels. Default:"
              + " ${DEFAULT-VALUE}.")
  private Form form;

  @Option(
      names = "--quality",
      defaultValue = "90",
      description = "Quality of JPEG, 1 to 100. Default: ${DEFAULT-VALUE}.")
  private int quality;

  @Option(
      names = "--overwrite",
      description = "Replaces a prepared dataset, once the new one is whole.")
  private boolean overwrite;

  @Override
  public Integer call() {
    PrepareSettings settings = settings();
    long start = System.nanoTime();
    PreparedDataset prepared;
    try (JavaSparkContext spark = SparkContexts.start("simclr prepare", common.master(), 1);
        CountProgress progress = Terminal.countProgress("Preparing")) {
      Preparation preparation = Preparation.of(spark, settings);
      try (TargetLock lock =
          TargetLock.acquire(
              preparation.lock(),
              spark.hadoopConfiguration(),
              line -> System.err.println("simclr: " + line))) {
        prepared = preparation.run(progress::update, lock::ensureHeld);
      }
    }
    tell(prepared, (System.nanoTime() - start) / 1e9);
    return ExitStatus.DONE;
  }

  private void tell(PreparedDataset prepared, double seconds) {
    System.out.printf(
        Locale.ROOT,
        "%,d images of %,d classes, %dx%d to %dx%d pixels, %.1f MiB in %,d files: %s (%.0f s,"
            + " %.0f images/s)%n",
        prepared.images(),
        prepared.labels().size(),
        prepared.widthMin(),
        prepared.heightMin(),
        prepared.widthMax(),
        prepared.heightMax(),
        prepared.bytes() / MEBI,
        prepared.parts().size(),
        to,
        seconds,
        prepared.images() / seconds);
    if (!prepared.leftOut().isEmpty()) {
      System.out.println(prepared.leftOut().describe());
    }
    if (prepared.repaired() > 0) {
      System.out.printf(
          Locale.ROOT,
          "%,d images are damaged but can be shown, and are kept; the first is %s.%n",
          prepared.repaired(),
          prepared.firstRepaired());
    }
    if (prepared.rejected() > 0) {
      System.out.printf(
          Locale.ROOT,
          "%,d images cannot be decoded; %s/%s says which and why.%n",
          prepared.rejected(),
          to,
          PreparedDataset.rejectedName(prepared.generation()));
    }
  }

  private PrepareSettings settings() {
    if (!ImageSources.FORMATS.contains(format)) {
      throw new ParameterException(
          spec.commandLine(),
          "--format must be one of "
              + String.join(", ", ImageSources.FORMATS)
              + ", found "
              + format);
    }
    try {
      return new PrepareSettings(
          new DatasetSpec(from, format, split, new Columns(imageColumn, labelColumn)),
          to,
          shorterSide,
          form,
          quality,
          overwrite);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  @Override
  public int nativeThreads() {
    return 1;
  }
}
