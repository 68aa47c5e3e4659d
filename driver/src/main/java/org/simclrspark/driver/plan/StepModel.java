package org.simclrspark.driver.plan;

import java.util.EnumMap;
import java.util.Map;
import org.simclrspark.driver.step.Phase;
import org.simclrspark.driver.step.Slicing;

/**
 * The model of a step: what its six parts take on a cluster.
 *
 * <p>Tasks come in waves of as many as run at a time. A wave that is not full takes as long as a
 * full one: that is why the number of shards bounds the executors that help.
 *
 * @param load what is trained
 * @param rates of the machines
 */
public record StepModel(Workload load, Rates rates) {

  /** Bytes of the result of a task beside its values: accumulators of Spark, names of classes. */
  private static final int EMBED_RESULT = 1_180;

  private static final int LOSS_RESULT = 1_020;
  private static final int AVERAGE_RESULT = 1_900;

  /** Java's serialization heads each KiB with 5 bytes, of a value and of the result around it. */
  private static final double FRAMING = 10.0 / 1024;

  /** Bytes that Spark sends for a task: its description, and where the blocks are that it asks. */
  private static final int TASK_MESSAGES = 23_000;

  /** Stages of a step beside the reducers', that of the next step's views among them. */
  private static final int STAGES = 4;

  /** Bytes of the code of a stage. */
  private static final int STAGE_CODE = 18_000;

  /** The step on a cluster. */
  public StepPlan on(ClusterShape cluster) {
    int slots = cluster.slots(load.threads());
    int reducers = Slicing.of(load.parameters(), load.shards(), slots).reducers();
    Map<Phase, Long> bytes = bytes(reducers);
    Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
    Map<Bottleneck, Double> parts = new EnumMap<>(Bottleneck.class);
    double network = cluster.networkBytes();
    int shards = load.shards();
    int tasks = 3 * shards + reducers;
    double waves = Math.ceil((double) shards / slots);
    double images = (double) load.batch() / shards;

    double driver = load.parameters() * rates.driverPerParameter();
    double parametersOut = broadcast(bytes.get(Phase.UPDATE), cluster);
    double embeddingsOut = broadcast(bytes.get(Phase.GATHER), cluster);
    double normalisersOut = broadcast(8L * load.rows(), cluster);
    seconds.put(Phase.UPDATE, driver + parametersOut / network);
    double storage = load.batch() * load.imageBytes() / cluster.storageBytes();
    double embed = waves * (rates.embedFixed() + images * rates.embedPerImage());
    seconds.put(Phase.SHARDS, Math.max(0, storage - embed));
    double embeddingsIn = bytes.get(Phase.EMBED) / network;
    seconds.put(Phase.EMBED, embed + embeddingsIn + rates.job());
    seconds.put(Phase.GATHER, embeddingsOut / network + load.rows() * 1e-6);
    double pairs = waves * ((double) load.rows() / shards) * load.rows() / load.threads();
    // Where one task has all rows it forms each similarity once for its row and its column: half
    // of the products for the normalisers, and half of those that the gradient has beside its own.
    double normalisers = pairs * rates.lossPerPair() * (shards == 1 ? 0.5 : 1);
    double gradient = pairs * rates.gradientPerPair() * (shards == 1 ? 0.75 : 1);
    seconds.put(Phase.LOSS, normalisers + bytes.get(Phase.LOSS) / network + rates.job());
    double backward = waves * (rates.backwardFixed() + images * rates.backwardPerImage());
    seconds.put(Phase.BACKWARD, backward + gradient);
    double reducerWaves = Math.ceil((double) reducers / slots);
    double ofReducer = (double) bytes.get(Phase.BACKWARD) / Math.max(1, reducers);
    double adding = reducerWaves * ofReducer * rates.averagePerByte();
    double moving = remote(bytes.get(Phase.BACKWARD), cluster) / network;
    double meanIn = bytes.get(Phase.AVERAGE) / network;
    double mean = load.parameters() * rates.meanPerParameter();
    seconds.put(Phase.AVERAGE, Math.max(adding, moving) + mean + meanIn + rates.job());

    parts.put(Bottleneck.COMPUTE, embed + backward);
    parts.put(Bottleneck.LOSS, normalisers + gradient);
    parts.put(Bottleneck.STORAGE, seconds.get(Phase.SHARDS));
    parts.put(Bottleneck.NETWORK, Math.max(adding, moving));
    parts.put(
        Bottleneck.DRIVER_NETWORK,
        (parametersOut + embeddingsOut) / network + embeddingsIn + meanIn);
    parts.put(Bottleneck.DRIVER, driver + load.rows() * 1e-6);
    parts.put(Bottleneck.SCHEDULING, 3 * rates.job());
    Bottleneck largest =
        parts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    int stages = reducers == 0 ? STAGES : STAGES + 1;
    long in = bytes.get(Phase.EMBED) + bytes.get(Phase.LOSS) + bytes.get(Phase.AVERAGE);
    long shared =
        bytes.get(Phase.UPDATE)
            + bytes.get(Phase.GATHER)
            + 8L * load.rows()
            + (long) stages * STAGE_CODE;
    double broadcast =
        parametersOut + embeddingsOut + normalisersOut + stages * broadcast(STAGE_CODE, cluster);
    long exchanged = (long) remote(bytes.get(Phase.BACKWARD), cluster);
    return new StepPlan(
        seconds,
        bytes,
        in,
        (long) (broadcast + (double) tasks * TASK_MESSAGES),
        shared + exchanged + (long) (load.batch() * load.imageBytes() / cluster.executors()),
        in / cluster.executors() + exchanged + shared - (long) (broadcast / cluster.executors()),
        tasks,
        largest);
  }

  /** Bytes of the shuffle that an executor fetches from others. */
  private static double remote(long shuffled, ClusterShape cluster) {
    double executors = cluster.executors();
    return shuffled / executors * (1 - 1 / executors);
  }

  private static double broadcast(long bytes, ClusterShape cluster) {
    return Torrent.sent(bytes, cluster.executors(), cluster.networkBytes());
  }

  /** Bytes of the results of tasks. */
  private static long results(long values, int tasks, int ofTask) {
    return Math.round(values * (1 + FRAMING)) + (long) tasks * ofTask;
  }

  private Map<Phase, Long> bytes(int reducers) {
    long parameters = 4L * load.parameters();
    long statistics = 4L * load.statistics();
    long embeddings = 4L * load.rows() * load.dimension();
    int shards = load.shards();
    Map<Phase, Long> bytes = new EnumMap<>(Phase.class);
    bytes.put(Phase.UPDATE, parameters);
    bytes.put(Phase.EMBED, results(embeddings, shards, EMBED_RESULT));
    bytes.put(Phase.GATHER, embeddings);
    bytes.put(Phase.LOSS, results(8L * load.rows(), shards, LOSS_RESULT));
    bytes.put(Phase.BACKWARD, reducers == 0 ? 0 : shards * (parameters + statistics));
    int results = Math.max(1, reducers);
    bytes.put(Phase.AVERAGE, results(parameters + statistics, results, AVERAGE_RESULT));
    return bytes;
  }

  /**
   * The number of executors beyond which twice as many save less than a tenth of the step.
   *
   * @param cluster whose executors count for nothing here
   */
  public int worthwhileExecutors(ClusterShape cluster) {
    int executors = 1;
    double seconds = on(cluster.withExecutors(1)).total();
    while (executors < load.shards()) {
      double twice = on(cluster.withExecutors(2 * executors)).total();
      if (twice > 0.9 * seconds) {
        return executors;
      }
      executors *= 2;
      seconds = twice;
    }
    return executors;
  }
}
