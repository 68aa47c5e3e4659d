package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.epoch.PartitionRdd;
import org.simclrspark.loss.RowStatistics;
import org.simclrspark.loss.statistics.EmbeddingStatistics;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.machine.JvmMemory;
import org.simclrspark.worker.shard.DamagedImage;
import org.simclrspark.worker.shard.EmbeddedShard;
import org.simclrspark.worker.shard.RawFloats;
import org.simclrspark.worker.shard.ShardGradient;
import org.simclrspark.worker.shard.ShardPlan;
import org.simclrspark.worker.shard.ShardViews;

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
  private final int[] normChannels;
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
   * @param normChannels channels of the encoder's batch norms
   */
  public TrainingStep(
      JavaSparkContext spark,
      ShardPlan plan,
      ViewMaker viewMaker,
      ShardWorker worker,
      NtXentSettings loss,
      int[] normChannels) {
    this.spark = spark;
    this.plan = plan;
    this.viewMaker = viewMaker;
    this.worker = worker;
    this.loss = loss;
    this.normChannels = normChannels.clone();
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

  /** Tasks that the cluster runs at a time, now. */
  public static int slots(JavaSparkContext spark) {
    SparkContext scala = spark.sc();
    return Math.max(
        1, scala.maxNumConcurrentTasks(scala.resourceProfileManager().defaultResourceProfile()));
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
   * @param number of the step, counted from 1, for messages
   * @param stepViews of this step, used up by it
   * @param parameters shared parameters theta; left as they are
   * @param meanwhile called when the last job of the step is on its way: the time to make the next
   *     step's views
   * @throws DataException if fewer than two images are left without the damaged ones
   * @throws DivergedException if an embedding, the loss or the gradient is not finite
   */
  public StepResult run(long number, StepViews stepViews, float[] parameters, Runnable meanwhile) {
    clock.restart("step " + number);
    memory.reset();
    try (stepViews;
        Shared<RawFloats> theta =
            share(Phase.UPDATE, new RawFloats(parameters), parameters.length)) {
      Shards shards = shards(stepViews, theta);
      List<EmbeddedShard> embedded = embed(shards);
      stepViews.releaseMadeAhead();
      StepImages images = StepImages.of(embedded, plan.batch());
      ShardRows rows = ShardRows.of(embedded);
      requireImages(rows, images, number);

      float[] z = gather(embedded, rows, number);
      GatheredEmbeddings embeddings = new GatheredEmbeddings(z, loss.dimension());
      try (Shared<GatheredEmbeddings> gathered = share(Phase.GATHER, embeddings, z.length)) {
        RowStatistics ofRows = loss(gathered, rows, number);
        try (Shared<double[]> logNormalisers =
            new Shared<>(spark.broadcast(ofRows.logNormalisers()))) {
          JavaRDD<ShardGradient> gradients =
              backward(shards, new Gathered(gathered, logNormalisers, rows, loss));
          Slicing slicing = Slicing.of(parameters.length, plan.shards(), slots(spark));
          Averaging.Mean mean = average(gradients, rows, slicing, meanwhile);
          requireFinite(mean, number);
          return new StepResult(
              mean.gradient(),
              mean.statistics(),
              ofRows,
              EmbeddingStatistics.of(embeddings.normalised()),
              images,
              new StepCost(
                  clock.seconds(),
                  clock.bytes(),
                  memory.bytes(),
                  slicing.reducers(),
                  mean.heldBytes()));
        }
      }
    }
  }

  /** The shards of a step: their views, and the parameters that they are encoded with. */
  private record Shards(UUID step, JavaRDD<ShardViews> views, Shared<RawFloats> theta) {}

  /** What a shard needs of all others for the gradient of its embeddings. */
  private record Gathered(
      Shared<GatheredEmbeddings> embeddings,
      Shared<double[]> logNormalisers,
      ShardRows rows,
      NtXentSettings loss)
      implements Serializable {

    /** dL/dz of a shard's rows, [rows, d], row-major. */
    float[] gradient(int shard) {
      return rows.isEmpty(shard)
          ? new float[0]
          : loss.gradient(
              embeddings.value().normalised(),
              logNormalisers.value(),
              rows.from(shard),
              rows.to(shard));
    }
  }

  /** 1. Shards: a partition holds the views of one shard, which are ready or made when needed. */
  private Shards shards(StepViews stepViews, Shared<RawFloats> theta) {
    clock
        .time(Phase.SHARDS, stepViews::awaitMade)
        .ifPresent(made -> clock.endedInBackground(Phase.SHARDS, made));
    return new Shards(UUID.randomUUID(), stepViews.partitions(), theta);
  }

  /** 2. Embed: each shard encodes its views; its embeddings go to the driver. */
  private List<EmbeddedShard> embed(Shards shards) {
    ShardWorker w = worker;
    UUID step = shards.step();
    Shared<RawFloats> theta = shards.theta();
    JavaRDD<EmbeddedShard> embedded =
        PartitionRdd.toOne(
            shards.views(),
            (shard, views) -> w.embed(step, shard, views.next(), theta.value().values()));
    return clock.timeJob(Phase.SHARDS, Phase.EMBED, () -> ShardJob.run(embedded));
  }

  /** 3. Gather: Z, [N, d], is the shards' embeddings one below the other. */
  private float[] gather(List<EmbeddedShard> embedded, ShardRows rows, long number) {
    int d = loss.dimension();
    return clock.time(
        Phase.GATHER,
        () -> {
          float[] z = new float[Math.multiplyExact(rows.total(), d)];
          for (int shard = 0; shard < plan.shards(); shard++) {
            float[] ofShard = embedded.get(shard).embeddings().values();
            DivergedException.checkEmbeddings(ofShard, number, shard);
            System.arraycopy(ofShard, 0, z, rows.from(shard) * d, ofShard.length);
          }
          return z;
        });
  }

  /** 4. Loss: each shard computes the log-normalisers of its own rows, against all rows. */
  private RowStatistics loss(Shared<GatheredEmbeddings> gathered, ShardRows rows, long number) {
    NtXentSettings settings = loss;
    List<Integer> shards =
        IntStream.range(0, plan.shards()).filter(shard -> !rows.isEmpty(shard)).boxed().toList();
    JavaRDD<RowStatistics> statistics =
        PartitionRdd.toOne(
            spark.parallelize(shards, shards.size()),
            (index, of) -> {
              int shard = of.next();
              return settings.rows(gathered.value().normalised(), rows.from(shard), rows.to(shard));
            });
    RowStatistics all =
        RowStatistics.concatenate(
            clock.timeJob(Phase.LOSS, Phase.LOSS, () -> ShardJob.run(statistics)));
    if (!Double.isFinite(all.meanLoss())) {
      throw DivergedException.loss(number, all.meanLoss());
    }
    return all;
  }

  /** 5. Backward: each shard takes dL/dz of its rows through the encoder. */
  private JavaRDD<ShardGradient> backward(Shards shards, Gathered gathered) {
    ShardWorker w = worker;
    ClusterMemory used = memory;
    UUID step = shards.step();
    Shared<RawFloats> theta = shards.theta();
    return PartitionRdd.toOne(
        shards.views(),
        (shard, views) -> {
          float[] dz = gathered.gradient(shard);
          ShardGradient gradient =
              w.backward(step, shard, views.next(), theta.value().values(), dz);
          used.add(JvmMemory.now());
          return gradient;
        });
  }

  /** 6. Average: the mean of the shards' gradients is that of L; it goes to the driver. */
  private Averaging.Mean average(
      JavaRDD<ShardGradient> gradients, ShardRows rows, Slicing slicing, Runnable meanwhile) {
    Averaging averaging = new Averaging(rows, slicing, normChannels);
    Supplier<Averaging.Mean> job = () -> averaging.mean(gradients, meanwhile);
    return slicing.reducers() == 0
        ? clock.timeTasks(Phase.BACKWARD, Phase.AVERAGE, job)
        : clock.timeJob(Phase.BACKWARD, Phase.AVERAGE, job);
  }

  private <T> Shared<T> share(Phase phase, T value, int floats) {
    clock.moved(phase, (long) floats * Float.BYTES);
    return clock.time(phase, () -> new Shared<>(spark.broadcast(value)));
  }

  /** The loss needs negatives: two images at least. */
  private void requireImages(ShardRows rows, StepImages images, long number) {
    if (rows.total() < 4) {
      DamagedImage first = images.damaged().get(0);
      throw new DataException(
          "A step needs at least 2 readable images, but step "
              + number
              + " has "
              + rows.total() / 2
              + " of "
              + plan.batch()
              + ", the first damaged one being "
              + first.name()
              + " ("
              + first.reason()
              + "); replace or remove damaged images");
    }
  }

  private static void requireFinite(Averaging.Mean mean, long number) {
    if (mean.notFinite() != Averaging.NONE) {
      throw DivergedException.gradient(number, mean.notFinite());
    }
  }

  @Override
  public void close() {
    clock.close();
  }
}
