package org.simclrspark.driver.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.driver.storage.CutFileSystem;
import org.simclrspark.driver.storage.CutFileSystem.Death;
import org.simclrspark.driver.storage.CutFileSystem.Mode;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.RetryPolicy;
import org.simclrspark.driver.storage.Server;
import org.simclrspark.driver.storage.Storage;
import org.simclrspark.driver.storage.StorageException;
import org.simclrspark.worker.machine.Isa;

/** Cuts commits and prunings at each of their file operations, on real file systems. */
@ExtendWith(FileSystems.Parameter.class)
class CutCommitTest {

  private static final Environment ENVIRONMENT =
      new Environment("17", "1.0.0-M2.1", "linux-amd64", "cpu", "avx2", 2, Isa.NATIVE, "");
  private static final Map<String, Storage.Content> ENCODER =
      Map.of("encoder.zip", out -> out.write("an encoder".getBytes(UTF_8)));

  private final List<String> lines = new ArrayList<>();
  private Path root;
  private FileSystem doomed;
  private Storage storage;

  private void open(Server server) throws Exception {
    root = new Path(server.newDirectory(), "checkpoints");
    FileSystem other = FileSystem.newInstance(root.toUri(), server.configuration());
    doomed = other instanceof LocalFileSystem local ? local.getRaw() : other;
    storage = Storage.of(root, server.configuration(), lines::add);
  }

  private Checkpoints survivor() {
    return new Checkpoints(storage, root, ENVIRONMENT, lines::add);
  }

  private Checkpoints on(CutFileSystem cut, RetryPolicy retry) {
    return new Checkpoints(new Storage(cut, retry, lines::add), root, ENVIRONMENT, lines::add);
  }

  @ParameterizedTest
  @EnumSource
  void resumesAfterADeathAtEachOperationOfACommit(FileSystems.Kind kind, FileSystems systems)
      throws Exception {
    open(systems.server(kind));
    boolean completed = false;
    int deaths = 0;
    for (int step = 1; !completed; step++) {
      CutFileSystem cut = new CutFileSystem(doomed, step, Mode.DIES);
      try {
        on(cut, RetryPolicy.NEVER).save(States.after(step, 50), ENCODER);
        completed = true;
      } catch (Death e) {
        deaths++;
      }
      Optional<TrainingState> found = survivor().latest();
      if (completed || found.map(state -> state.step()).orElse(0L) == step) {
        States.assertSame(found.orElseThrow(), States.after(step, 50));
      } else if (step > 1) {
        States.assertSame(found.orElseThrow(), States.after(step - 1, 50));
      } else {
        assertThat(found).isEmpty();
      }
      survivor().save(States.after(step, 50), ENCODER);
      States.assertSame(survivor().latest().orElseThrow(), States.after(step, 50));
      survivor().prune(1);
    }
    // At least create, write and close for each of seven files.
    assertThat(deaths).isGreaterThan(7 * 3);
    assertThat(lines).noneMatch(line -> line.contains("damaged"));
  }

  @ParameterizedTest
  @EnumSource
  void keepsTheNewestAfterADeathAtEachOperationOfAPruning(
      FileSystems.Kind kind, FileSystems systems) throws Exception {
    open(systems.server(kind));
    survivor().save(States.after(1, 50), ENCODER);
    boolean completed = false;
    int deaths = 0;
    for (int step = 2; !completed; step++) {
      survivor().save(States.after(step, 50), ENCODER);
      CutFileSystem cut = new CutFileSystem(doomed, step - 1, Mode.DIES);
      try {
        on(cut, RetryPolicy.NEVER).prune(1);
        completed = true;
      } catch (Death e) {
        deaths++;
      }
      States.assertSame(survivor().latest().orElseThrow(), States.after(step, 50));
    }
    assertThat(deaths).isGreaterThan(7);
    assertThat(storage.list(root)).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void stopsWithoutAHalfStateWhenAnOperationFails(FileSystems.Kind kind, FileSystems systems)
      throws Exception {
    open(systems.server(kind));
    survivor().save(States.after(1, 50), ENCODER);
    CutFileSystem whole = new CutFileSystem(doomed, Integer.MAX_VALUE, Mode.FAILS_ONCE);
    on(whole, RetryPolicy.NEVER).save(States.after(2, 50), ENCODER);
    survivor().prune(1);
    for (int n = 1; n <= whole.operations(); n += kind == FileSystems.Kind.LOCAL ? 1 : 3) {
      Mode mode = n % 2 == 0 ? Mode.FAILS_ONCE : Mode.FAILS_ONCE_AFTER_ITS_EFFECT;
      Checkpoints failing = on(new CutFileSystem(doomed, n, mode), RetryPolicy.NEVER);
      assertThatThrownBy(() -> failing.save(States.after(3, 50), ENCODER))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("Cut at operation " + n);
      assertThat(storage.list(root)).as("after operation %d", n).hasSize(1);
      States.assertSame(survivor().latest().orElseThrow(), States.after(2, 50));
    }
  }

  @ParameterizedTest
  @EnumSource
  void triesAgainWhenAnOperationFailsOnce(FileSystems.Kind kind, FileSystems systems)
      throws Exception {
    open(systems.server(kind));
    RetryPolicy retry =
        new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofSeconds(30));
    CutFileSystem whole = new CutFileSystem(doomed, Integer.MAX_VALUE, Mode.FAILS_ONCE);
    on(whole, retry).save(States.after(1, 50), ENCODER);
    for (int n = 1; n <= whole.operations(); n += kind == FileSystems.Kind.LOCAL ? 1 : 3) {
      Mode mode = n % 2 == 0 ? Mode.FAILS_ONCE : Mode.FAILS_ONCE_AFTER_ITS_EFFECT;
      lines.clear();
      on(new CutFileSystem(doomed, n, mode), retry).save(States.after(n + 1, 50), ENCODER);
      assertThat(lines)
          .singleElement()
          .asString()
          .contains("Cut at operation " + n, "trying again");
      States.assertSame(survivor().latest().orElseThrow(), States.after(n + 1, 50));
      survivor().prune(1);
    }
  }
}
