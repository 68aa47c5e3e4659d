package org.simclrspark.driver.config;

/**
 * What a run leaves for people to look at; nothing of it changes the training.
 *
 * @param html whether {@code report.html} is written every epoch and at the end
 * @param images pictures in it of each kind: views, and queries with their neighbours; 0 for none
 * @param tensorboard whether event files of TensorBoard are written beside the metrics
 */
public record ReportConfig(boolean html, int images, boolean tensorboard) {

  static ReportConfig read(Section section) {
    return new ReportConfig(
        section.flag("html"),
        section.integer("images", Range.between(0, 24)),
        section.flag("tensorboard"));
  }
}
