package org.simclrspark.data.augment;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.bench.AugmentBench;

/** The bits of views of fixed images, on vectors of this JVM. */
final class ViewBits {

  private static final int IMAGES = 6;

  private ViewBits() {}

  /** Prints lanes and bits. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(Planes.LANES + " " + ofThisJvm());
  }

  static String ofThisJvm() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (AugmentSettings settings :
        new AugmentSettings[] {AugmentSettings.simclr(37), AugmentSettings.torchvision(37)}) {
      Augmenter augmenter = new Augmenter(settings);
      byte[] views = new byte[2 * settings.viewBytes()];
      for (ImageRecord image : AugmentBench.synthetic(32, 32).subList(0, IMAGES)) {
        for (int epoch = 0; epoch < 2; epoch++) {
          augmenter.tryViews(image, 1, epoch, views, 0, views, settings.viewBytes());
          digest.update(views);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
