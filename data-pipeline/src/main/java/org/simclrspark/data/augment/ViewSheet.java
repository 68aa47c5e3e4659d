package org.simclrspark.data.augment;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.decode.DecodeLimits;

/** A picture of images, each beside its two views as training sees them. */
public final class ViewSheet {
  private static final int LEAST_TILE = 96;
  private static final int GREATEST_WIDTH = 1500;
  private static final int GAP = 4;
  private static final int MARGIN = 12;
  private static final int TILES = 3;

  private final AugmentSettings settings;
  private final int scale;
  private final int tile;
  private final int columns;

  private ViewSheet(AugmentSettings settings) {
    this.settings = settings;
    this.scale = Math.max(1, (LEAST_TILE + settings.size() - 1) / settings.size());
    this.tile = scale * settings.size();
    this.columns = Math.max(1, (GREATEST_WIDTH - MARGIN) / groupWidth());
  }

  /**
   * Draws a sheet; small views are enlarged by a whole factor.
   *
   * @param images at least one
   * @param seed of the run
   * @param epoch which keys the views with the seed and the image's id
   * @throws org.simclrspark.data.DataException if an image is damaged
   */
  public static BufferedImage draw(
      List<ImageRecord> images, AugmentSettings settings, long seed, int epoch) {
    return new ViewSheet(settings).draw(images, seed, epoch);
  }

  private BufferedImage draw(List<ImageRecord> images, long seed, int epoch) {
    int used = Math.min(columns, images.size());
    int rows = (images.size() + used - 1) / used;
    BufferedImage sheet =
        new BufferedImage(
            MARGIN + used * groupWidth(),
            MARGIN + rows * (tile + MARGIN),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    Augmenter augmenter = new Augmenter(settings);
    int bytes = settings.viewBytes();
    byte[] views = new byte[2 * bytes];
    for (int i = 0; i < images.size(); i++) {
      int left = MARGIN + i % used * groupWidth();
      int top = MARGIN + i / used * (tile + MARGIN);
      augmenter.views(images.get(i), seed, epoch, views, 0, views, bytes);
      drawWhole(graphics, Thumbnails.whole(images.get(i), DecodeLimits.DEFAULT), left, top);
      drawView(graphics, views, 0, left + tile + GAP, top);
      drawView(graphics, views, bytes, left + 2 * (tile + GAP), top);
    }
    graphics.dispose();
    return sheet;
  }

  private int groupWidth() {
    return TILES * tile + (TILES - 1) * GAP + MARGIN;
  }

  private void drawWhole(Graphics2D graphics, BufferedImage image, int left, int top) {
    double fit = (double) tile / Math.max(image.getWidth(), image.getHeight());
    int width = Math.max(1, (int) Math.round(image.getWidth() * fit));
    int height = Math.max(1, (int) Math.round(image.getHeight() * fit));
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION,
        fit > 1
            ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
            : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(
        image, left + (tile - width) / 2, top + (tile - height) / 2, width, height, null);
  }

  private void drawView(Graphics2D graphics, byte[] views, int offset, int left, int top) {
    int size = settings.size();
    BufferedImage view = Thumbnails.view(views, offset, size);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    graphics.drawImage(view, left, top, size * scale, size * scale, null);
  }
}
