package org.simclrspark.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.simclrspark.driver.storage.FileSystems;
import org.simclrspark.driver.storage.Server;

/** Metrics of a driver that dies, on real file systems. */
@ExtendWith(FileSystems.Parameter.class)
class MetricsRecoveryTest {

  private final List<String> lines = new ArrayList<>();

  @ParameterizedTest
  @EnumSource
  void anotherDriverGoesOnWhereOneDied(FileSystems.Kind kind, FileSystems systems)
      throws Exception {
    Server server = systems.server(kind);
    Path run = server.newDirectory();
    Configuration ofDead = server.configuration();
    ofDead.setBoolean("fs.hdfs.impl.disable.cache", true);
    Metrics dead = Metrics.open(run, ofDead, lines::add);
    for (int step = 1; step <= 5; step++) {
      dead.append(Map.of("step", step, "loss", 1.5));
    }
    dead.flush();
    try (Metrics next = Metrics.open(run, server.configuration(), lines::add)) {
      next.truncateAfter(3);
      next.append(Map.of("step", 4, "loss", 2.5));
      next.flush();
      assertThat(Metrics.read(run, server.configuration()))
          .extracting(line -> line.get("loss"))
          .containsExactly(1.5, 1.5, 1.5, 2.5);
    }
    Metrics third = Metrics.open(run, ofDead, lines::add);
    third.append(Map.of("step", 5, "loss", 3.5));
    try (Metrics fourth = Metrics.open(run, server.configuration(), lines::add)) {
      fourth.append(Map.of("step", kind == FileSystems.Kind.S3 ? 5 : 6, "loss", 4.5));
      fourth.flush();
      assertThat(Metrics.read(run, server.configuration()))
          .extracting(line -> line.get("loss"))
          .endsWith(4.5);
    }
  }
}
