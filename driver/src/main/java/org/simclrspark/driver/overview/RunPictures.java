package org.simclrspark.driver.overview;

/** The files with the pictures of a run's report, made while its images are at hand. */
public final class RunPictures {

  /** The file with images beside their two views. */
  public static final String VIEWS = "report/views.json";

  /** The file with test images beside their nearest training images. */
  public static final String NEIGHBOURS = "report/neighbours.json";

  private RunPictures() {}
}
