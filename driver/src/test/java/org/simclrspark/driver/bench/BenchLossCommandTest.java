package org.simclrspark.driver.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BenchLossCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--views=5, found 5",
    "--rows=99999, found 99999",
    "--temperature=0, found 0.0",
    "--dim=0, found 0",
    "--implementation=gpu, gpu"
  })
  void aWrongValueIsNamed(String option, String found) {
    StringWriter err = new StringWriter();
    int status =
        new CommandLine(new BenchLossCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setErr(new PrintWriter(err))
            .execute(option);
    assertThat(status).isEqualTo(2);
    assertThat(err.toString()).contains(found);
  }
}
