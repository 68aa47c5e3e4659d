package org.simclrspark.driver.train;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.simclrspark.driver.checkpoint.Environment;
import org.simclrspark.driver.checkpoint.FloatBytes;
import org.simclrspark.driver.checkpoint.TrainingState;
import org.simclrspark.driver.config.ConfigurationException;
import org.simclrspark.driver.config.SimclrConfig;
import org.simclrspark.driver.evaluate.EvaluationReport;
import org.simclrspark.driver.overview.RunReport;
import org.simclrspark.driver.report.Progress;
import org.simclrspark.driver.report.Summary;
import org.simclrspark.driver.run.RunDirectory;

/** The command {@code evaluate}: judges the last checkpoint of a run. */
public final class Judging {

  private Judging() {}

  /**
   * Runs the command.
   *
   * @param path the run directory, on any Hadoop file system
   * @return the exit status, 0
   */
  public static int run(JavaSparkContext spark, SimclrConfig config, Path path, Progress progress) {
    Configuration hadoop = spark.hadoopConfiguration();
    TrainingState state =
        RunDirectory.checkpointsOf(
                path, hadoop, Environment.current(config.worker().threads()), progress::message)
            .latest()
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        "--run: the run must have a complete checkpoint, found none in "
                            + path
                            + ". Train first: simclr pretrain --run "
                            + path));
    Datasets datasets = new Datasets(spark, config, path, true, progress::message);
    JudgedEncoder judged = new JudgedEncoder(spark, config, datasets, progress::message);
    if (!judged.isPossible()) {
      throw new ConfigurationException(
          "data.test must be set to judge an encoder, found null. Give labelled images with --set"
              + " data.test=PATH.");
    }
    judged.draw(new ReportPictures(path, config, hadoop));
    progress.message("Evaluating " + path + " after step " + state.step() + ".");
    EvaluationReport report = judged.evaluate(state);
    report.lines(datasets.train().count()).forEach(progress::message);
    Summary.read(path, hadoop)
        .orElseGet(Summary::empty)
        .with(Summary.STEPS, state.step())
        .with(Summary.PARAMETERS_SHA256, FloatBytes.sha256(state.parameters()))
        .with(report.values())
        .write(path, hadoop);
    RunReport.refresh(path, config, hadoop, progress::message);
    return 0;
  }
}
