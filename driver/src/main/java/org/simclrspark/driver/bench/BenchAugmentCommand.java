package org.simclrspark.driver.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.bench.AugmentBench;
import org.simclrspark.driver.cli.Benchmark;
import org.simclrspark.driver.config.AugmentConfig.Preset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How fast one core makes two views of an image. */
@Command(
    name = "augment",
    description = "Makes two views of each image on one core, and decodes alone for comparison.",
    sortOptions = false)
public final class BenchAugmentCommand extends Benchmark {

  private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

  @Spec private CommandSpec spec;

  @Option(
      names = "--size",
      defaultValue = "224",
      description = "Side of a view, in pixels. Default: ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--source",
      paramLabel = "WxH",
      defaultValue = "500x375",
      description =
          "Size of the images, synthetic JPEGs; 32x32 stands for CIFAR's format. Default:"
              + " ${DEFAULT-VALUE}.")
  private String source;

  @Option(
      names = "--preset",
      description = "simclr, cifar or torchvision. Default: cifar for 32 px, else simclr.")
  private Preset preset;

  @Option(
      names = "--save",
      paramLabel = "DIR",
      description =
          "Also writes the images as files, so that other programs can be measured on them.")
  private Path save;

  @Override
  protected Map<String, Object> measure() throws IOException {
    Matcher matcher = SIZE.matcher(source);
    if (!matcher.matches()) {
      throw new ParameterException(
          spec.commandLine(), "--source must be a size such as 500x375, found " + source);
    }
    List<ImageRecord> images =
        AugmentBench.synthetic(
            Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    if (save != null) {
      AugmentBench.save(images, save);
    }
    Map<String, Object> result = AugmentBench.run(settings(), images);
    result.put("source", source);
    return result;
  }

  private AugmentSettings settings() {
    Preset chosen = preset != null ? preset : size == 32 ? Preset.CIFAR : Preset.SIMCLR;
    if (chosen == Preset.CIFAR && size != 32) {
      throw new ParameterException(
          spec.commandLine(), "--size must be 32 with the preset cifar, found " + size);
    }
    return switch (chosen) {
      case CIFAR -> AugmentSettings.cifar();
      case SIMCLR -> AugmentSettings.simclr(size);
      case TORCHVISION -> AugmentSettings.torchvision(size);
    };
  }
}
