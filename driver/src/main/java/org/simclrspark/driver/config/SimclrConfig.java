package org.simclrspark.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.simclrspark.worker.network.EncoderSettings;

/** Everything that a run is configured with: {@code simclr { }}, complete and checked. */
public final class SimclrConfig {

  /** Name of the configuration's file in a run directory. */
  public static final String FILE_NAME = "config.conf";

  /** Name of the section that holds everything. */
  static final String ROOT = "simclr";

  private final Config values;
  private final DataConfig data;
  private final AugmentConfig augment;
  private final EncoderConfig encoder;
  private final ProjectionConfig projection;
  private final LossConfig loss;
  private final TrainConfig train;
  private final OptimizerConfig optimizer;
  private final WorkerConfig worker;
  private final CheckpointConfig checkpoint;
  private final EvaluateConfig evaluate;
  private final ReportConfig report;

  private SimclrConfig(Config values, Section root, Problems problems) {
    this.values = values;
    data = DataConfig.read(root.section("data"));
    augment = AugmentConfig.read(root.section("augment"));
    encoder = EncoderConfig.read(root.section("encoder"));
    projection = ProjectionConfig.read(root.section("projection"));
    loss = LossConfig.read(root.section("loss"));
    train = TrainConfig.read(root.section("train"), problems);
    optimizer = OptimizerConfig.read(root.section("optimizer"));
    worker = WorkerConfig.read(root.section("worker"));
    checkpoint = CheckpointConfig.read(root.section("checkpoint"));
    evaluate = EvaluateConfig.read(root.section("evaluate"));
    report = ReportConfig.read(root.section("report"));
  }

  /**
   * Completes a configuration with the defaults and checks it.
   *
   * @param file what a configuration file holds, see {@link ConfigFiles}
   * @param settings each {@code key=value}, with or without {@code simclr.} in front of the key;
   *     they win over the file, and later ones over earlier ones
   * @throws ConfigurationException with all mistakes
   */
  public static SimclrConfig load(Config file, List<String> settings) {
    return load(file, settings, List.of());
  }

  /**
   * Completes a configuration with the defaults and the values of a sweep's point, and checks it.
   *
   * @param file what a configuration file holds, see {@link ConfigFiles}
   * @param settings each {@code key=value}, as for the other
   * @param point each {@code key=value}; they win over the settings, and mistakes in them are told
   *     as the option {@code --grid}'s
   * @throws ConfigurationException with all mistakes
   */
  public static SimclrConfig load(Config file, List<String> settings, List<String> point) {
    Problems problems = new Problems();
    Config defaults = ConfigFiles.reference();
    Config given = ConfigFiles.merge(file, settings, point, defaults, problems);
    Config known = defaults.getConfig(ROOT);
    Config values = given.getConfig(ROOT);
    for (String path : Keys.check(values.root(), known.root(), problems)) {
      values = values.withoutPath(path);
    }
    // Not withFallback, which passes over a section that has taken the place of another value.
    for (Map.Entry<String, ConfigValue> leaf : Keys.leaves(known.root()).entrySet()) {
      if (Keys.find(values.root(), leaf.getKey()).isEmpty()) {
        values = values.withValue(leaf.getKey(), leaf.getValue());
      }
    }
    SimclrConfig result =
        new SimclrConfig(values, new Section(values, known, "", problems), problems);
    problems.throwIfAny();
    return result;
  }

  /**
   * The same with another value of a key.
   *
   * @param key without {@code simclr.} in front
   */
  public SimclrConfig with(String key, String value) {
    ConfigOrigin origin =
        Keys.find(values.root(), key)
            .orElseThrow(() -> new IllegalArgumentException("No such key: " + key))
            .origin();
    return load(
        values.withValue(key, ConfigValueFactory.fromAnyRef(value).withOrigin(origin)).atKey(ROOT),
        List.of());
  }

  /** The defaults with some settings, each {@code key=value}. */
  public static SimclrConfig of(String... settings) {
    return load(ConfigFiles.empty(), List.of(settings));
  }

  public DataConfig data() {
    return data;
  }

  public AugmentConfig augment() {
    return augment;
  }

  public EncoderConfig encoder() {
    return encoder;
  }

  public ProjectionConfig projection() {
    return projection;
  }

  public LossConfig loss() {
    return loss;
  }

  public TrainConfig train() {
    return train;
  }

  public OptimizerConfig optimizer() {
    return optimizer;
  }

  public WorkerConfig worker() {
    return worker;
  }

  public CheckpointConfig checkpoint() {
    return checkpoint;
  }

  public EvaluateConfig evaluate() {
    return evaluate;
  }

  public ReportConfig report() {
    return report;
  }

  /** Encoder and projection head as the engines take them. */
  public EncoderSettings encoderSettings() {
    return new EncoderSettings(
        encoder.depth(),
        encoder.width(),
        encoder.stem(),
        encoder.norm(),
        augment.imageSize(),
        encoder.zeroInitLastNorm(),
        encoder.initialization(),
        projection.layers(),
        projection.hidden(),
        projection.dim());
  }

  /**
   * A mistake that shows when the data are known, told like those found by {@link #load}.
   *
   * @param key without {@code simclr.} in front, for example {@code train.batch}
   * @param statement goes on from the key: what is allowed and what was found
   * @param remedy a sentence
   */
  public ConfigurationException rejected(String key, String statement, String remedy) {
    ConfigValue value =
        Keys.find(values.root(), key)
            .orElseThrow(() -> new IllegalArgumentException("No such key: " + key));
    return new ConfigurationException(
        Problems.line(Problems.where(value.origin()), key, statement, remedy));
  }

  /** Every key, in the order of their names. */
  public List<Setting> settings() {
    Map<String, ConfigValue> own = Keys.leaves(values.root());
    return Keys.leaves(ConfigFiles.reference().getConfig(ROOT).root()).entrySet().stream()
        .map(
            known ->
                new Setting(
                    known.getKey(),
                    shown(own.get(known.getKey())),
                    shown(known.getValue()),
                    !isSame(own.get(known.getKey()).unwrapped(), known.getValue().unwrapped()),
                    String.join(" ", known.getValue().origin().comments()).strip()))
        .toList();
  }

  private static boolean isSame(Object value, Object other) {
    return (value instanceof Number number && other instanceof Number otherNumber)
        ? number.doubleValue() == otherNumber.doubleValue()
        : Objects.equals(value, other);
  }

  private static String shown(ConfigValue value) {
    return Secrets.redact(
        value.unwrapped() instanceof String text
            ? text
            : value.render(ConfigRenderOptions.concise()));
  }

  /** The whole configuration as a file that {@link ConfigFiles} reads back. */
  public String render() {
    return values
        .atKey(ROOT)
        .root()
        .render(ConfigRenderOptions.defaults().setOriginComments(false).setJson(false));
  }

  /**
   * What differs from another configuration, among the keys that decide a run's result: all but
   * {@code train.steps}, which only says where to stop, {@code train.initial}, which counts before
   * the first step alone, {@code worker.activation-memory}, {@code worker.mixed-processors}, and
   * the sections {@code data} (a run knows its images by their identity), {@code checkpoint},
   * {@code evaluate} and {@code report}.
   *
   * @return one line a key: {@code train.batch: 256, not 512}
   */
  public List<String> differences(SimclrConfig other) {
    return differences(other, key -> !changeable(key));
  }

  /**
   * What differs from another configuration among some keys.
   *
   * @return one line a key: {@code train.batch: 256, not 512}
   */
  public List<String> differences(SimclrConfig other, Predicate<String> isCompared) {
    Map<String, ConfigValue> ours = Keys.leaves(values.root());
    Map<String, ConfigValue> theirs = Keys.leaves(other.values.root());
    TreeSet<String> keys = new TreeSet<>(ours.keySet());
    keys.addAll(theirs.keySet());
    return keys.stream()
        .filter(isCompared)
        .filter(key -> !Objects.equals(plain(ours.get(key)), plain(theirs.get(key))))
        .map(key -> key + ": " + plain(ours.get(key)) + ", not " + plain(theirs.get(key)))
        .toList();
  }

  /** Whether all values are those of another configuration, however they are written. */
  public boolean hasValuesOf(SimclrConfig other) {
    return sections().equals(other.sections());
  }

  private List<Record> sections() {
    return List.of(
        data,
        augment,
        encoder,
        projection,
        loss,
        train,
        optimizer,
        worker,
        checkpoint,
        evaluate,
        report);
  }

  /**
   * Whether another configuration trains in the same way, wherever its images are and whatever it
   * starts from: no key differs that decides the result of a training or its end.
   */
  public boolean trainsAs(SimclrConfig other) {
    return train.steps().equals(other.train.steps()) && differences(other).isEmpty();
  }

  private static boolean changeable(String key) {
    return key.equals("train.steps")
        || key.equals("train.initial")
        || key.equals("worker.activation-memory")
        || key.equals("worker.mixed-processors")
        || key.startsWith("data.")
        || key.startsWith("checkpoint.")
        || key.startsWith("evaluate.")
        || key.startsWith("report.");
  }

  private static String plain(ConfigValue value) {
    return value == null ? "absent" : String.valueOf(value.unwrapped());
  }
}
