package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.ImageRecord;

class ViewSheetTest {

  @Test
  void everyImageStandsBesideItsTwoViews() {
    AugmentSettings settings = AugmentSettings.cifar();
    List<ImageRecord> images = new ArrayList<>();
    for (int id = 0; id < 6; id++) {
      images.add(AugmenterTest.image(id));
    }
    BufferedImage sheet = ViewSheet.draw(images, settings, 3, 1);
    // Four groups in a row: margin 12, three tiles of 96 with gaps of 4, margin 12.
    assertThat(sheet.getWidth()).isEqualTo(12 + 4 * 308);
    assertThat(sheet.getHeight()).isEqualTo(12 + 2 * 108);
    byte[] views = new byte[2 * 3072];
    for (int id = 0; id < 6; id++) {
      int left = 12 + id % 4 * 308;
      int top = 12 + id / 4 * 108;
      new Augmenter(settings).views(images.get(id), 3, 1, views, 0, views, 3072);
      for (int i = 0; i < 1024; i++) {
        int x = left + i % 32 * 3 + 1;
        int y = top + i / 32 * 3 + 1;
        assertThat(sheet.getRGB(x, y)).isEqualTo(rgb(images.get(id).bytes(), i));
        assertThat(sheet.getRGB(x + 100, y)).isEqualTo(rgb(views, i));
        assertThat(sheet.getRGB(x + 200, y)).isEqualTo(rgb(views, 3072 + i));
      }
    }
  }

  private static int rgb(byte[] planes, int at) {
    return 0xFF << 24
        | (planes[at] & 0xFF) << 16
        | (planes[at + 1024] & 0xFF) << 8
        | (planes[at + 2048] & 0xFF);
  }
}
