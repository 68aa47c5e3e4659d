package org.simclrspark.driver.step;

import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.loss.EmbeddingStatistics;
import org.simclrspark.loss.Embeddings;
import org.simclrspark.loss.NtXent;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.worker.DamagedImage;
import org.simclrspark.worker.EmbeddedShard;
import org.simclrspark.worker.JvmMemory;
import org.simclrspark.worker.NormStatistics;
import org.simclrspark.worker.RawFloats;
import org.simclrspark.worker.ShardPlan;
import org.simclrspark.worker.ShardViews;
import org.simclrspark.worker.ShardWorker;

/**
 * One step of SimCLR over a global batch of K images, on Spark.
 *
 * <p>The step ends with the exact gradient of the loss over all N = 2K embeddings. Every task is an
 * ordinary, deterministic Spark task: the cluster may lose it, repeat it or run it twice, and the
 * bits of the result stay the same.
 */
public final class TrainingStep implements AutoCloseable {

  private final JavaSparkContext spark;
  private final ShardPlan plan;
  private final ViewMaker viewMaker;
  private final ShardWorker worker;
  private final NtXentSettings loss;
  private final PhaseClock clock;
  private final ViewResources viewResources;
  private final ClusterMemory memory;

  /**
   * Prepares steps of one size.
   *
   * @param plan how images are split into shards and micro-batches
   * @param viewMaker makes the two views of every image of a shard
   * @param worker runs the encoder over a shard
   * @param loss temperature and threads of the loss
   */
  public TrainingStep(
      JavaSparkContext spark,
      ShardPlan plan,
      ViewMaker viewMaker,
      ShardWorker worker,
      NtXentSettings loss) {
    this.spark = spark;
    this.plan = plan;
    this.viewMaker = viewMaker;
    this.worker = worker;
    this.loss = loss;
    this.clock = new PhaseClock(spark);
    this.viewResources = ViewResources.of(spark);
    this.memory = ClusterMemory.register(spark);
  }

  /**
   * The views of a step; they are made when the step needs them, or by {@link #makeAhead}.
   *
   * @param epoch which keys the augmentation
   * @param images of the step; a partition holds those of one shard, in the order of their slots
   */
  public StepViews views(int epoch, JavaRDD<ImageRecord> images) {
    return new StepViews(viewMaker, epoch, images);
  }

  /** Makes the views of a later step in the background, behind the jobs that run already. */
  public void makeAhead(StepViews views) {
    views.startMaking(clock, viewResources);
  }

  /** Runs the step, with nothing made ahead. */
  public StepResult run(long step, int epoch, JavaRDD<ImageRecord> images, float[] parameters) {
    return run(step, views(epoch, images), parameters, () -> {});
  }

  /**
   * Runs the step.
   *
   * @param step counted from 1, for messages
   * @param stepViews of this step, used up by it
   * @param parameters shared parameters theta; left as they are
   * @param meanwhile called when the last job of the step is on its way: the time to make the next
   *     step's views
   * @throws DataException if fewer than two images are left without the damaged ones
   * @throws DivergedException if an embedding, the loss or the gradient is not finite
   */
  public StepResult run(long step, StepViews stepViews, float[] parameters, Runnable meanwhile) {
    clock.restart();
    memory.reset();
    UUID id = UUID.randomUUID();
    Broadcast<RawFloats> theta = broadcast("update", parameters);
    JavaRDD<ShardViews> views = stepViews.partitions();
    try {
      clock.moved("shards", clock.time("shards", stepViews::awaitMade));
      List<EmbeddedShard> embedded = embed(id, views, theta);
      stepViews.taken();

      ShardRows rows = ShardRows.of(embedded);
      requireImages(rows, embedded, step);
      float[] z = clock.time("gather", () -> assemble(embedded, rows, step));
      Broadcast<RawFloats> gathered = broadcast("gather", z);

      RowStatistics all = RowStatistics.concatenate(loss(gathered, rows));
      if (!Double.isFinite(all.meanLoss())) {
        throw DivergedException.loss(step, all.meanLoss());
      }
      Broadcast<double[]> logNormalisers = spark.broadcast(all.logNormalisers());

      Averaging.Mean gradient =
          backwardAndAverage(
              id, views, theta, gathered, logNormalisers, rows, parameters, meanwhile);
      if (gradient.notFinite() != Averaging.NONE) {
        throw DivergedException.gradient(step, gradient.notFinite());
      }

      gathered.destroy();
      logNormalisers.destroy();
      return new StepResult(
          gradient.values(),
          statistics(embedded),
          all,
          EmbeddingStatistics.of(Embeddings.of(z, loss.dimension())),
          plan.batch() - rows.total() / 2,
          damaged(embedded),
          embedded.stream().flatMap(shard -> shard.repaired().stream()).toList(),
          clock.seconds(),
          clock.bytes(),
          memory.bytes());
    } finally {
      stepViews.close();
      theta.destroy();
    }
  }

  private Broadcast<RawFloats> broadcast(String phase, float[] values) {
    clock.moved(phase, (long) values.length * Float.BYTES);
    return clock.time(phase, () -> spark.broadcast(new RawFloats(values)));
  }

  /** Each shard encodes its views; its embeddings go to the driver. */
  private List<EmbeddedShard> embed(
      UUID id, JavaRDD<ShardViews> views, Broadcast<RawFloats> theta) {
    ShardWorker w = worker;
    JavaRDD<EmbeddedShard> embedded =
        views.mapPartitionsWithIndex(
            (shard, ofShard) ->
                List.of(w.embed(id, shard, ofShard.next(), theta.value().values())).iterator(),
            true);
    return clock.timeJob("shards", "embed", embedded::collect);
  }

  /** The loss needs negatives: two images at least. */
  private void requireImages(ShardRows rows, List<EmbeddedShard> embedded, long step) {
    if (rows.total() < 4) {
      List<DamagedImage> damaged = damaged(embedded);
      throw new DataException(
          "A step needs at least 2 readable images, but step "
              + step
              + " has "
              + rows.total() / 2
              + " of "
              + plan.batch()
              + ", the first damaged one being "
              + damaged.get(0).name()
              + " ("
              + damaged.get(0).reason()
              + "); replace or remove damaged images");
    }
  }

  private static List<DamagedImage> damaged(List<EmbeddedShard> embedded) {
    return embedded.stream().flatMap(shard -> shard.damaged().stream()).toList();
  }

  /** Z, [N, d]: the shards' embeddings one below the other. */
  private float[] assemble(List<EmbeddedShard> embedded, ShardRows rows, long step) {
    int d = loss.dimension();
    float[] z = new float[Math.multiplyExact(rows.total(), d)];
    for (int shard = 0; shard < plan.shards(); shard++) {
      float[] ofShard = embedded.get(shard).embeddings().values();
      DivergedException.checkEmbeddings(ofShard, step, shard);
      System.arraycopy(ofShard, 0, z, rows.from(shard) * d, ofShard.length);
    }
    return z;
  }

  /** Each shard computes the log-normalisers of its own rows, against all rows. */
  private List<RowStatistics> loss(Broadcast<RawFloats> gathered, ShardRows rows) {
    NtXentSettings settings = loss;
    List<Integer> shards =
        IntStream.range(0, plan.shards()).filter(shard -> !rows.isEmpty(shard)).boxed().toList();
    JavaRDD<RowStatistics> statistics =
        spark
            .parallelize(shards, shards.size())
            .map(
                shard -> {
                  Embeddings z = Embeddings.of(gathered.value().values(), settings.dimension());
                  return settings.create().rows(z, rows.from(shard), rows.to(shard));
                });
    return clock.timeJob("loss", "loss", statistics::collect);
  }

  /** Each shard takes dL/dz of its rows through the encoder; the mean of all goes to the driver. */
  private Averaging.Mean backwardAndAverage(
      UUID id,
      JavaRDD<ShardViews> views,
      Broadcast<RawFloats> theta,
      Broadcast<RawFloats> gathered,
      Broadcast<double[]> logNormalisers,
      ShardRows rows,
      float[] parameters,
      Runnable meanwhile) {
    ShardPlan p = plan;
    NtXentSettings settings = loss;
    ShardWorker w = worker;
    ClusterMemory used = memory;
    JavaRDD<float[]> gradients =
        views.mapPartitionsWithIndex(
            (shard, ofShard) -> {
              int from = rows.from(shard);
              int to = rows.to(shard);
              float[] dz = new float[(to - from) * settings.dimension()];
              if (!rows.isEmpty(shard)) {
                Embeddings z = Embeddings.of(gathered.value().values(), settings.dimension());
                NtXent ntXent = settings.create();
                ntXent.gradient(z, logNormalisers.value(), from, to, dz, 0);
              }
              float[] gradient = w.backward(id, shard, ofShard.next(), theta.value().values(), dz);
              used.add(JvmMemory.now());
              return List.of(gradient).iterator();
            },
            true);
    return clock.timeJob(
        "backward",
        "average",
        () -> Averaging.mean(gradients, p.shards(), parameters.length, meanwhile));
  }

  /** Batch-norm statistics of all views of the step. */
  private static float[] statistics(List<EmbeddedShard> embedded) {
    NormStatistics.Pool all = new NormStatistics.Pool(embedded.get(0).statistics().channels());
    for (EmbeddedShard shard : embedded) {
      all.add(shard.statistics().values().values(), 2L * shard.images());
    }
    return all.values();
  }

  @Override
  public void close() {
    clock.close();
  }
}
