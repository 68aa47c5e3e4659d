package org.simclrspark.driver.train;

import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.data.index.ReadCounters;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.DataConfig.Damaged;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.metrics.ExecutorLosses;
import org.simclrspark.driver.metrics.LiveTraining;
import org.simclrspark.driver.metrics.LiveTrainings;
import org.simclrspark.driver.optimizer.Optimizer;
import org.simclrspark.driver.optimizer.Optimizers;
import org.simclrspark.driver.overview.RunReport;
import org.simclrspark.driver.report.Metrics;
import org.simclrspark.driver.step.Augmentation;
import org.simclrspark.driver.step.NtXentSettings;
import org.simclrspark.driver.step.TrainingStep;
import org.simclrspark.worker.ShardWorker;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.shard.ShardPlan;

/**
 * Trains the encoder of a run: sets up what its steps need, and saves and judges it between them.
 */
final class EncoderTraining {

  private static final String USUAL_ENGINE = "onednn";

  private final ActiveRun run;
  private final Metrics metrics;
  private final JudgedEncoder judged;
  private final RunReport report;

  /**
   * Prepares nothing yet.
   *
   * @param metrics takes a line a step
   * @param judged the encoder
   * @param report hears of checkpoints
   */
  EncoderTraining(ActiveRun run, Metrics metrics, JudgedEncoder judged, RunReport report) {
    this.run = run;
    this.metrics = metrics;
    this.judged = judged;
    this.report = report;
  }

  /**
   * Trains until the schedule's last step, or until the run is asked to stop.
   *
   * @param start to go on from; its arrays are changed
   * @return the state at the end, saved
   */
  TrainingState train(Schedule schedule, TrainingState start) {
    JavaSparkContext spark = run.spark();
    SimclrConfig config = run.config();
    EncoderSettings encoder = config.encoderSettings();
    ShardPlan plan =
        new ShardPlan(config.train().batch(), config.train().shards(), config.train().microBatch());
    Network network = new Network(encoder);
    Optimizer optimizer = Optimizers.create(config.optimizer(), network.layout());
    ExecutorEnvironments executors = ExecutorEnvironments.register(spark);
    EngineTraffic traffic = new EngineTraffic(spark);
    ShardWorker worker =
        new ShardWorker(
            new TaskEngines(encoder, config.worker().engineSettings(), executors, traffic),
            plan,
            config.worker().activationMemory());
    NtXentSettings loss =
        new NtXentSettings(
            encoder.embeddingSize(), config.loss().temperature(), config.worker().engineSettings());
    EpochOrder order =
        new EpochOrder(
            spark, run.datasets().train(), schedule, config.train(), new ReadCounters(spark));
    LiveTraining live = LiveTrainings.CURRENT.started(run.nameAmongSeveral());
    metrics.tell(live);
    spark.setJobGroup(run.path().toString(), "pretrain");
    try (TrainingStep step =
            new TrainingStep(
                spark, plan, augmentation(plan), worker, loss, network.normChannels());
        ExecutorLosses losses = new ExecutorLosses(spark.sc())) {
      StepLog log = new StepLog(config, order, metrics, run.progress(), start.step());
      return new Trainer(config, order, step, optimizer, start, log)
          .train(run.stop(), new BetweenSteps(executors, losses, traffic, live));
    } finally {
      spark.clearJobGroup();
      LiveTrainings.CURRENT.ended(live);
      run.progress().finished();
    }
  }

  private Augmentation augmentation(ShardPlan plan) {
    SimclrConfig config = run.config();
    return new Augmentation(
        config.augment().settings(),
        config.data().limits(),
        config.train().seed(),
        plan.imagesPerShard(),
        config.data().damaged() == Damaged.SKIP);
  }

  private final class BetweenSteps implements Trainer.Events {

    private final ExecutorEnvironments executors;
    private final ExecutorLosses losses;
    private final EngineTraffic traffic;
    private final LiveTraining live;
    private boolean engineTold;

    BetweenSteps(
        ExecutorEnvironments executors,
        ExecutorLosses losses,
        EngineTraffic traffic,
        LiveTraining live) {
      this.executors = executors;
      this.losses = losses;
      this.traffic = traffic;
      this.live = live;
    }

    @Override
    public void commit(TrainingState reached) {
      report.saving();
      long start = System.nanoTime();
      run.directory().commit(reached, Map.of("encoder.zip", out -> judged.write(reached, out)));
      live.checkpointed((System.nanoTime() - start) / 1e9);
    }

    @Override
    public Map<String, Object> evaluate(TrainingState reached) {
      return judged.knnAccuracy(reached);
    }

    @Override
    public int executorsLost() {
      return losses.sinceLastTime();
    }

    @Override
    public Map<String, Long> engineBytes() {
      return traffic.sinceLastTime();
    }

    @Override
    public void stepDone() {
      run.directory().computedOn(executors.value());
      run.directory().ensureHeld();
      tellEngine();
    }

    /** Says once what computes, where it is not what everybody has. */
    private void tellEngine() {
      if (!engineTold) {
        engineTold = true;
        executors.value().stream()
            .map(Environment::engine)
            .filter(engine -> !engine.equals(USUAL_ENGINE))
            .distinct()
            .forEach(engine -> run.message("The encoder is computed by " + engine + "."));
      }
    }
  }
}
