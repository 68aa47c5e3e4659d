package org.simclrspark.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.driver.config.ConfigFiles;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.optimizer.LearningRate;

class GridTest {

  private static final List<String> BASE =
      List.of(
          "data.train=/train",
          "data.test=/test",
          "train.batch=64",
          "train.shards=2",
          "train.micro-batch=32");

  private static Grid grid(int seeds, String... axes) {
    return Grid.of(ConfigFiles.empty(), BASE, List.of(axes), seeds);
  }

  private static List<String> problems(int seeds, String... axes) {
    ConfigurationException refused =
        catchThrowableOfType(() -> grid(seeds, axes), ConfigurationException.class);
    assertThat(refused).as("%s is refused", List.of(axes)).isNotNull();
    return refused.problems();
  }

  @Test
  void everyCombinationIsAPointAndEverySeedAGrid() {
    Grid grid = grid(2, "train.batch=64,128", "simclr.loss.temperature=0.10,5e-1");
    assertThat(grid.points())
        .extracting(Point::name)
        .containsExactly(
            "batch-64_temperature-0.1_seed-1",
            "batch-64_temperature-0.5_seed-1",
            "batch-128_temperature-0.1_seed-1",
            "batch-128_temperature-0.5_seed-1",
            "batch-64_temperature-0.1_seed-2",
            "batch-64_temperature-0.5_seed-2",
            "batch-128_temperature-0.1_seed-2",
            "batch-128_temperature-0.5_seed-2");
    Point last = grid.points().get(7);
    assertThat(last.config().train().batch()).isEqualTo(128);
    assertThat(last.config().loss().temperature()).isEqualTo(0.5);
    assertThat(last.config().train().seed()).isEqualTo(2);
  }

  @Test
  void theLearningRateFollowsTheScaling() {
    for (Point point :
        grid(1, "train.batch=64,256,1024", "optimizer.scaling=linear,square-root").points()) {
      int batch = point.config().train().batch();
      double expected =
          point.values().get("optimizer.scaling").equals("linear")
              ? 0.3 * batch / 256
              : 0.3 * Math.sqrt(batch);
      LearningRate rate =
          org.simclrspark.driver.train.Schedule.of(point.config(), 4096).learningRate();
      assertThat(rate.peak()).isEqualTo(expected);
    }
  }

  @Test
  void valuesMayHoldCommasAndWhatNoFileNameHolds() {
    Grid grid = grid(1, "augment.crop-area=[0.08, 1],[0.2, 1]", "data.cache=/a/b,\"/a,b\"");
    assertThat(grid.points()).hasSize(4);
    assertThat(grid.points())
        .allSatisfy(point -> assertThat(point.name()).matches("[A-Za-z0-9._-]+"));
    assertThat(grid.points()).extracting(Point::name).doesNotHaveDuplicates();
    assertThat(grid.points().get(3).config().augment().cropArea().orElseThrow().low())
        .isEqualTo(0.2);
  }

  @Test
  void keysOfTheSameLastNameAreToldApart() {
    assertThat(grid(1, "train.batch=64,128", "evaluate.batch=32").points().get(0).name())
        .isEqualTo("train.batch-64_evaluate.batch-32_seed-1");
  }

  @Test
  void aKeyThatIsNotKnown() {
    assertThat(problems(1, "train.bacth=64,128"))
        .containsExactly("--grid: train.bacth is not a known key. Did you mean train.batch?");
  }

  @Test
  void aValueThatTheKeyRefuses() {
    assertThat(problems(1, "loss.temperature=0,0.1"))
        .singleElement()
        .asString()
        .startsWith("--grid: loss.temperature must be a number from 0.01 to 100, found 0.");
  }

  @Test
  void aBatchThatTheShardsDoNotDivide() {
    assertThat(problems(1, "train.batch=64,65", "loss.temperature=0.1,0.5"))
        .singleElement()
        .asString()
        .startsWith("--grid: with train.batch=65: ")
        .contains("train.shards must divide train.batch, 65, found 2");
  }

  @Test
  void twoAxesThatDoNotGoTogetherAreBothNamed() {
    assertThat(problems(1, "train.batch=64,96", "train.micro-batch=16,32"))
        .singleElement()
        .asString()
        .startsWith("--grid: with train.batch=96 and train.micro-batch=32: ");
  }

  @Test
  void valuesThatAreTheSame() {
    assertThat(problems(1, "loss.temperature=0.1,0.10"))
        .containsExactly(
            "--grid: loss.temperature must have each value once, found 0.1 again. Leave it out.");
    assertThat(problems(1, "worker.activation-memory=1GiB,1024MiB"))
        .singleElement()
        .asString()
        .contains("found worker.activation-memory=1GiB,1024MiB");
    assertThat(problems(1, "train.batch=64", "train.batch=128"))
        .singleElement()
        .asString()
        .contains("train.batch must be given once");
  }

  @Test
  void axesWithoutValues() {
    for (String axis : List.of("train.batch=", "train.batch=64,", "train.batch=,64")) {
      assertThat(problems(1, axis)).singleElement().asString().contains("train.batch must have a");
    }
    assertThat(problems(1, "train.batch"))
        .singleElement()
        .asString()
        .contains("must have the form key=value,value, found train.batch");
    assertThat(problems(1)).singleElement().asString().contains("must have an axis");
    assertThat(grid(3).points()).hasSize(3);
  }

  @Test
  void whatOneApplicationCannotVary() {
    assertThat(problems(1, "worker.threads=1,2"))
        .singleElement()
        .asString()
        .contains("worker.threads must be the same for all points");
    assertThat(problems(2, "train.seed=1,2"))
        .singleElement()
        .asString()
        .contains("train.seed must not be an axis");
  }

  @Test
  void aSweepWithoutTestImages() {
    assertThat(problems(1, "train.batch=64,128", "data.test=null"))
        .singleElement()
        .asString()
        .startsWith("--grid: data.test must be set for a sweep");
  }

  @Test
  void tooManyPoints() {
    assertThat(problems(100, "train.epochs=1,2,3,4,5,6,7,8,9,10,11"))
        .singleElement()
        .asString()
        .contains("at most 1000, found 1100");
  }

  private static void requireExtends(Grid now, Grid before, int rungs) {
    new Spec(now.axes(), now.seeds(), rungs)
        .requireExtends(new Spec(before.axes(), before.seeds(), 1), "/sweep");
  }

  @Test
  void aSweepGrowsByValuesAndSeedsAlone() {
    Grid before = grid(2, "train.batch=64,128", "loss.temperature=0.1");
    requireExtends(grid(3, "loss.temperature=0.05,0.1", "train.batch=128,64,256"), before, 1);
    ConfigurationException refused =
        catchThrowableOfType(
            () -> requireExtends(grid(1, "train.batch=64,256", "train.epochs=2"), before, 2),
            ConfigurationException.class);
    assertThat(refused.problems()).hasSize(5);
    assertThat(refused.problems().get(0))
        .startsWith("--grid: train.batch must keep the values of the sweep in /sweep")
        .contains("without 128")
        .endsWith("Take --grid train.batch=64,128, or choose another --run.");
    assertThat(refused.problems().get(1)).startsWith("--grid: loss.temperature must keep");
    assertThat(refused.problems().get(2)).startsWith("--grid: train.epochs must be an axis of");
    assertThat(refused.problems().get(3)).contains("--seeds must keep", "Take --seeds 2 or more");
    assertThat(refused.problems().get(4)).contains("--rungs must be", "Take --rungs 1,");
  }

  @Test
  void whatWasAskedForIsReadBack() {
    Grid grid =
        grid(2, "train.batch=64", "optimizer.weight-decay=1e-8,0.5", "augment.crop-area=[0.1, 1]");
    Spec spec = new Spec(grid.axes(), grid.seeds(), 3);
    assertThat(Spec.of(org.assertj.core.util.Maps.newHashMap("axes", spec.json().get("axes"))))
        .isEmpty();
    assertThat(Spec.of(spec.json())).contains(spec);
  }
}
