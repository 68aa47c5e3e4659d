package org.simclrspark.worker;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.simclrspark.data.NativeFolder;
import org.simclrspark.worker.engine.Engine;
import org.simclrspark.worker.engine.EngineKind;
import org.simclrspark.worker.engine.EngineSettings;
import org.simclrspark.worker.engine.EngineSource;
import org.simclrspark.worker.libtorch.LibtorchEngine;
import org.simclrspark.worker.machine.DeviceException;
import org.simclrspark.worker.machine.Devices;
import org.simclrspark.worker.machine.GpuDevice;
import org.simclrspark.worker.machine.Gpus;
import org.simclrspark.worker.machine.Natives;
import org.simclrspark.worker.nd4j.Nd4jEngine;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.onednn.OneDnnEngine;

/**
 * Makes engines, and keeps idle ones of a JVM for the next task: an engine holds large buffers and
 * compiled primitives, so there is at most one per concurrently running task.
 */
public final class Engines {

  private static final ArrayDeque<Loan> IDLE = new ArrayDeque<>();

  private static final AtomicLong MADE = new AtomicLong();
  private static final AtomicLong REUSED = new AtomicLong();

  private Engines() {}

  /** Engines that were made for borrowers of this JVM. */
  public static long made() {
    return MADE.get();
  }

  /** Times that a borrower of this JVM got an engine that was there. */
  public static long reused() {
    return REUSED.get();
  }

  /**
   * Makes an engine; the caller closes it. On GPUs it runs on the one of the Spark task.
   *
   * @throws NativeFolder.NativeFolderException where native libraries do not load
   * @throws DeviceException where the engine that was asked for cannot run here
   */
  public static Engine create(EncoderSettings encoder, EngineSettings settings) {
    Natives.prepare();
    try {
      return switch (kind(settings)) {
        case LIBTORCH ->
            new LibtorchEngine(
                encoder, Gpus.forLibtorch(), settings.threads(), settings.precision());
        case ND4J -> new Nd4jEngine(encoder, Devices.binding());
        case ONEDNN, AUTO -> new OneDnnEngine(encoder, settings.threads(), Natives::limitThread);
      };
    } catch (LinkageError e) {
      throw NativeFolder.failed(e);
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof LinkageError) {
        throw NativeFolder.failed(e);
      }
      throw e;
    }
  }

  /** The kind that the settings name, or what {@link EngineKind#AUTO} means here. */
  static EngineKind kind(EngineSettings settings) {
    return settings.kind() == EngineKind.AUTO
        ? suitable(Gpus.offered(), Natives.cudaBuild())
        : settings.kind();
  }

  /**
   * The engine for a task.
   *
   * @param gpu of the task, in a build of libtorch for GPUs
   * @param nd4jOnCuda whether the build has ND4J for CUDA, which needs a GPU everywhere
   */
  static EngineKind suitable(Optional<GpuDevice> gpu, boolean nd4jOnCuda) {
    if (gpu.isPresent() && (gpu.get().runsLibtorch() || !nd4jOnCuda)) {
      // One that cannot run it is refused with the remedy, rather than left idle.
      return EngineKind.LIBTORCH;
    }
    return nd4jOnCuda ? EngineKind.ND4J : EngineKind.ONEDNN;
  }

  /**
   * As {@link #create(EncoderSettings, EngineSettings)}, with the engine that suits the machine.
   */
  public static Engine create(EncoderSettings encoder, int threads) {
    return create(encoder, EngineSettings.automatic(threads));
  }

  /**
   * Borrows an engine of this JVM, making one where no idle one has these settings and is on the
   * GPU of the Spark task; idle engines with other settings are closed. Use with
   * try-with-resources.
   */
  public static Loan borrow(EncoderSettings encoder, EngineSettings settings) {
    return borrow(encoder, settings, Engine::isEmpty);
  }

  /**
   * As {@link #borrow(EncoderSettings, EngineSettings)}, with the engine that suits the machine.
   */
  public static Loan borrow(EncoderSettings encoder, int threads) {
    return borrow(encoder, EngineSettings.automatic(threads));
  }

  /**
   * As {@link #borrow(EncoderSettings, EngineSettings)}, but takes the engine that has kept the
   * borrower's activations, or else one that has kept nothing another may come for.
   *
   * @param step as for {@link ShardWorker#embed}
   */
  public static Loan borrow(
      EncoderSettings encoder, EngineSettings settings, UUID step, int shard) {
    return borrow(encoder, settings, engine -> engine.holds(step, shard));
  }

  private static Loan borrow(
      EncoderSettings encoder, EngineSettings settings, Predicate<Engine> isWanted) {
    String gpu = Gpus.addressOfTask();
    synchronized (IDLE) {
      discardOthers(encoder, settings);
      Loan best = null;
      for (Loan idle : IDLE) {
        if (!idle.gpu.equals(gpu)) {
          continue;
        }
        if (isWanted.test(idle.engine)) {
          best = idle;
          break;
        }
        if (best == null || idle.engine.isEmpty()) {
          best = idle;
        }
      }
      if (best != null) {
        IDLE.remove(best);
        REUSED.incrementAndGet();
        return new Loan(encoder, settings, gpu, best.engine);
      }
    }
    Engine made = create(encoder, settings);
    MADE.incrementAndGet();
    return new Loan(encoder, settings, gpu, made);
  }

  private static void discardOthers(EncoderSettings encoder, EngineSettings settings) {
    Iterator<Loan> idle = IDLE.iterator();
    while (idle.hasNext()) {
      Loan loan = idle.next();
      if (!loan.encoder.equals(encoder) || !loan.settings.equals(settings)) {
        idle.remove();
        loan.discard();
      }
    }
  }

  /** Closes all idle engines. */
  public static void closeIdle() {
    synchronized (IDLE) {
      IDLE.forEach(Loan::discard);
      IDLE.clear();
    }
  }

  /** An engine on loan; closing gives it back, or discards it where it has failed. */
  public static final class Loan implements EngineSource.Loan {
    private final EncoderSettings encoder;
    private final EngineSettings settings;
    private final String gpu;
    private final Engine engine;
    private boolean returned;

    private Loan(EncoderSettings encoder, EngineSettings settings, String gpu, Engine engine) {
      this.encoder = encoder;
      this.settings = settings;
      this.gpu = gpu;
      this.engine = engine;
    }

    private void discard() {
      engine.close();
    }

    @Override
    public Engine engine() {
      return engine;
    }

    @Override
    public void close() {
      synchronized (IDLE) {
        if (returned) {
          return;
        }
        returned = true;
        if (engine.isFailed()) {
          discard();
        } else {
          IDLE.push(this);
        }
      }
    }
  }
}
