package org.simclrspark.driver.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.DataConfig;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.run.StopRequest;
import org.simclrspark.driver.run.TargetLock;
import org.simclrspark.driver.train.Datasets;
import org.simclrspark.driver.train.Pretraining;
import org.simclrspark.driver.train.Schedule;

/**
 * The command {@code sweep}: trains and judges every point of a grid in one Spark application, or
 * goes on where it was interrupted. What was done is read from the points' own run directories.
 */
public final class Sweep {

  private final JavaSparkContext spark;
  private final Configuration hadoop;
  private final Spec spec;
  private final List<Point> points;
  private final Options options;
  private final SweepDirectory directory;
  private final Consumer<String> tell;
  private final Map<DataConfig, Datasets> datasets = new HashMap<>();
  private final Map<Point, PointPlan> plans = new LinkedHashMap<>();

  /**
   * How a sweep is run.
   *
   * @param rungs of successive halving; 1 stops nothing early
   * @param parallel points that are trained at the same time, at least 1
   * @param retry whether points that failed are tried once more
   * @param onlyEstimate whether it ends before anything is trained
   */
  public record Options(int rungs, int parallel, boolean retry, boolean onlyEstimate) {}

  private Sweep(
      JavaSparkContext spark,
      Grid grid,
      Options options,
      SweepDirectory directory,
      Consumer<String> tell) {
    this.spark = spark;
    this.hadoop = spark.hadoopConfiguration();
    this.spec = new Spec(grid.axes(), grid.seeds(), options.rungs());
    this.points =
        grid.points().stream()
            .map(
                point ->
                    new Point(
                        point.values(),
                        point.candidate(),
                        point.seed(),
                        Datasets.withAbsolutePaths(point.config(), hadoop)))
            .toList();
    this.options = options;
    this.directory = directory;
    this.tell = tell;
  }

  /**
   * Runs the command.
   *
   * @param directory that the grid was found to extend, see {@link
   *     SweepDirectory#requireExtendedBy}
   * @param tell shows a line; called from one thread at a time
   * @return the exit status: 0, 1 if no point was trained and judged, or 128 and the number of the
   *     signal that stopped the sweep
   * @throws org.simclrspark.driver.run.RunInUseException if another driver has the sweep, or a
   *     point of it that could not be trained for that reason
   */
  public static int run(
      JavaSparkContext spark,
      Grid grid,
      Options options,
      SweepDirectory directory,
      Consumer<String> tell) {
    Consumer<String> serial =
        line -> {
          synchronized (directory) {
            tell.accept(line);
          }
        };
    try (StopRequest stop = Pretraining.stopRequest(spark, serial);
        TargetLock lock = directory.lock(serial)) {
      // Again, now that nobody else can change it.
      directory.requireExtendedBy(grid, options.rungs());
      return new Sweep(spark, grid, options, directory, serial).run(stop, lock);
    }
  }

  private int run(StopRequest stop, TargetLock lock) {
    tell.accept(
        "Sweep of "
            + points.size()
            + " points in "
            + directory.path()
            + ": "
            + String.join(", ", spec.options())
            + (spec.seeds().size() > 1 ? ", seeds " + spec.seeds() : ""));
    if (!stop.unlessStopped(this::prepare)) {
      return stopped(stop);
    }
    if (!options.onlyEstimate()) {
      lock.ensureHeld();
      directory.writeBase(points.get(0).config());
    }
    Board board = board(stop);
    RemainingWork remaining = new RemainingWork(plans);
    new Estimate(spark, spec, points, options)
        .lines(
            remaining.left(board),
            new PointRates(spark, directory, stop, tell).of(unsettled(board), this::datasets))
        .forEach(tell);
    if (stop.isRequested()) {
      return stopped(stop);
    }
    if (options.onlyEstimate()) {
      return 0;
    }
    Records records = new Records(spec, plans, directory, lock, hadoop);
    records.write(board);
    new Workers(spark, spec, directory, stop, tell)
        .run(options.parallel(), board, records, remaining, plans, this::datasets);
    return end(board, records, stop);
  }

  private int end(Board board, Records records, StopRequest stop) {
    Results results = records.write(board);
    if (board.failure().isPresent()) {
      throw sneaky(board.failure().get());
    }
    if (stop.isRequested()) {
      return stopped(stop);
    }
    if (board.inUse().isPresent()) {
      throw board.inUse().get();
    }
    results.table().forEach(tell);
    results.best().ifPresent(best -> records.writeBest(best));
    tell.accept(
        results
            .best()
            .map(
                best ->
                    "Best by kNN accuracy: "
                        + best.first().candidate()
                        + ". Train it: simclr pretrain --conf "
                        + directory.path()
                        + "/best.conf")
            .orElse(
                "No point has all its seeds trained and judged without a collapse: there is no"
                    + " best one."));
    tell.accept(
        "Results are in " + directory.path() + ": sweep.html for people, sweep.json for programs.");
    boolean any =
        board.outcomes().values().stream()
            .anyMatch(outcome -> outcome.state() == Outcome.State.FINISHED);
    return any ? 0 : 1;
  }

  private int stopped(StopRequest stop) {
    tell.accept("Stopped; the same command goes on.");
    return stop.exitStatus();
  }

  /** Whatever ended the sweep, checked exceptions included: Spark throws them undeclared. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
    throw (E) failure;
  }

  /** Opens the images, and refuses points that cannot be trained on them before any is. */
  private void prepare() {
    List<String> problems = new ArrayList<>();
    Halving halving = new Halving(options.rungs());
    for (Point point : points) {
      Datasets images = datasets(point);
      try {
        Pretraining.requireTrainable(spark, point.config(), images, tell);
        Schedule schedule = Schedule.of(point.config(), images.train().count());
        requireRungs(point.config(), schedule.lastStep());
        plans.put(
            point,
            new PointPlan(
                directory.run(point),
                schedule,
                halving.steps(schedule.lastStep()),
                images.labelled().orElseGet(images::train).count()
                    + images.test().orElseThrow().count()));
      } catch (ConfigurationException e) {
        e.problems().stream()
            .map(problem -> Grid.ofAxis(problem, point.values()))
            .filter(problem -> !problems.contains(problem))
            .forEach(problems::add);
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
  }

  private void requireRungs(SimclrConfig config, long steps) {
    if (steps >> (options.rungs() - 1) == 0) {
      throw new ConfigurationException(
          "--rungs: the steps of a point must be at least 2^(rungs - 1), "
              + (1L << (options.rungs() - 1))
              + ", found "
              + steps
              + " with train.batch="
              + config.train().batch()
              + ". Lower it, or raise train.epochs.");
    }
  }

  /** The images of a point, opened once for all that read the same ones. */
  private Datasets datasets(Point point) {
    synchronized (datasets) {
      return datasets.computeIfAbsent(
          point.config().data(),
          data -> new Datasets(spark, point.config(), directory.path(), true, tell));
    }
  }

  /** What the run directories hold, and why points failed according to {@code sweep.json}. */
  private Board board(StopRequest stop) {
    Map<String, String> failures = options.retry() ? Map.of() : directory.failures();
    Board board = new Board(plans, new Halving(options.rungs()), stop::isRequested);
    for (Point point : points) {
      Board.Progress found = plans.get(point).progress(hadoop);
      String reason = failures.get(point.name());
      board.put(
          point,
          reason == null || found.outcome().isEnded()
              ? found
              : new Board.Progress(found.outcome().failed(reason), found.accuracies()));
    }
    return board;
  }

  private List<Point> unsettled(Board board) {
    List<Point> left = new ArrayList<>(points);
    left.removeAll(board.settled());
    return left;
  }
}
