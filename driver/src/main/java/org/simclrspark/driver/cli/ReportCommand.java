package org.simclrspark.driver.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.cluster.HadoopSettings;
import org.simclrspark.driver.overview.ReportPage;
import org.simclrspark.driver.report.RunFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the page of a run, or of several beside each other. */
@Command(
    name = "report",
    description = {
      "Writes a page that shows a run, or compares several: one file that needs no network.",
      "It is made from the files in the run directories; training writes that of its run itself."
    })
final class ReportCommand implements Callable<Integer>, NativeThreads {

  private static final String COMPARISON = "comparison.html";

  @Option(
      names = "--run",
      paramLabel = "DIR",
      required = true,
      description = "Run directory, local or on any Hadoop file system. Repeatable.")
  private List<String> runs = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "The local file to write. Default: report.html in the run directory; for several runs "
              + COMPARISON
              + " here.")
  private File out;

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = HadoopSettings.current();
    List<Path> paths = runs.stream().map(run -> RunPaths.of("--run", run)).toList();
    byte[] page = ReportPage.of(paths, hadoop);
    if (out == null && paths.size() == 1) {
      Path file = new Path(paths.get(0), ReportPage.FILE_NAME);
      new RunFile(file, hadoop).replace(page);
      System.out.println("The report is in " + file + ".");
      return ExitStatus.DONE;
    }
    File target = out != null ? out : new File(COMPARISON);
    Files.write(target.toPath(), page);
    System.out.println("The report is in " + target + ".");
    return ExitStatus.DONE;
  }

  @Override
  public int nativeThreads() {
    return 1;
  }
}
