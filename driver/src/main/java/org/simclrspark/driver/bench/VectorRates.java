package org.simclrspark.driver.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.augment.AugmentSettings;
import org.simclrspark.data.augment.Augmenter;
import org.simclrspark.data.bench.AugmentBench;
import org.simclrspark.data.decode.DamagedImageException;
import org.simclrspark.driver.cli.Main;
import org.simclrspark.driver.evaluate.SearchRate;
import org.simclrspark.driver.report.Json;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.onednn.KernelRates;

/**
 * Rates of all vector code that runs in Java, in this JVM: in a fresh one, or in one that has
 * trained, evaluated and decoded before.
 *
 * <pre>java ... VectorRates [RUN]</pre>
 *
 * <p>With RUN, a directory, a few steps of the quickstart are trained and evaluated first. The last
 * line is the rates by name, as JSON.
 */
final class VectorRates {

  private static final double SECONDS = 1.5;
  private static final double SECONDS_OF_A_ROUND = 0.03;
  private static final int VIEWS = 1536;
  private static final int DIMENSION = 128;
  private static final int IMAGES = 8;

  private final Map<String, Double> rates = new LinkedHashMap<>();

  private VectorRates() {}

  public static void main(String[] arguments) {
    Natives.prepare();
    if (arguments.length > 0) {
      use(arguments[0]);
    }
    VectorRates rates = new VectorRates();
    rates.loss();
    rates.engine();
    rates.evaluation();
    rates.augmentation();
    System.out.println();
    System.out.println(Json.line(new LinkedHashMap<>(rates.rates)));
    System.exit(0);
  }

  private static void use(String run) {
    for (String[] command :
        List.of(
            new String[] {"pretrain", "--run", run, "--set", "train.steps=8"},
            new String[] {"evaluate", "--run", run})) {
      int status = Main.commandLine().execute(command);
      if (status != 0) {
        throw new IllegalStateException(
            String.format(Locale.ROOT, "%s must succeed, ended with %d", command[0], status));
      }
    }
  }

  private void loss() {
    Random random = new Random(1);
    float[] values = new float[VIEWS * DIMENSION];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    NtXent loss = new NtXent(0.1, 1);
    Embeddings z = Embeddings.of(values, DIMENSION);
    double pairs = (double) VIEWS * VIEWS;
    add("loss.normalise", values.length, () -> Embeddings.of(values, DIMENSION));
    add("loss.log_normalisers", pairs, () -> loss.rows(z, 0, VIEWS));
    RowStatistics rows = loss.rows(z, 0, VIEWS);
    float[] gradient = new float[values.length];
    add("loss.gradient", pairs, () -> loss.gradient(z, rows.logNormalisers(), gradient));
  }

  private void engine() {
    KernelRates.loops().forEach((name, loop) -> add("engine." + name, KernelRates.values(), loop));
  }

  private void evaluation() {
    try (SearchRate search = new SearchRate(1)) {
      add("evaluation.neighbours", SearchRate.similarities(), search::search);
    }
  }

  private void augmentation() {
    List<ImageRecord> images = new ArrayList<>(AugmentBench.synthetic(500, 375).subList(0, IMAGES));
    AugmentSettings settings = AugmentSettings.simclr(224);
    Augmenter augmenter = new Augmenter(settings);
    byte[] views = new byte[2 * settings.viewBytes()];
    add(
        "augmentation.views",
        IMAGES,
        () -> {
          for (ImageRecord image : images) {
            try {
              augmenter.tryViews(image, 1, 0, views, 0, views, settings.viewBytes());
            } catch (DamagedImageException e) {
              throw new IllegalStateException(e);
            }
          }
        });
  }

  /** Adds the best of many rounds: others who use the processor make single rounds slower. */
  private void add(String name, double count, Runnable work) {
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    double best = 0;
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      long now;
      int times = 0;
      do {
        work.run();
        times++;
        now = System.nanoTime();
      } while (now - start < SECONDS_OF_A_ROUND * 1e9);
      best = Math.max(best, count * times / ((now - start) / 1e9));
    }
    rates.put(name, best);
  }
}
