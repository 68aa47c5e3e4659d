package org.simclrspark.driver.cluster;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.util.Utils;
import org.simclrspark.data.NativeFolder;

/** Logs in and looks for a folder of native libraries, as a command does, and tells what it got. */
final class StrangeMachineProcess {

  private static final String FOLDER = "org.bytedeco.javacpp.cachedir";

  private StrangeMachineProcess() {}

  /** Arguments: a temporary folder whose mount forbids to load libraries. */
  public static void main(String[] arguments) throws IOException {
    LoginUser.ensure();
    System.out.println("hadoop: " + UserGroupInformation.getCurrentUser().getShortUserName());
    System.out.println("spark: " + Utils.getCurrentUserName());
    FileSystem files = FileSystem.get(URI.create("file:///"), new Configuration());
    System.out.println("listed: " + (files.listStatus(new Path("/")).length > 0));
    NativeFolder.choose();
    System.out.println("natives: " + System.getProperty(FOLDER));
    System.clearProperty(FOLDER);
    System.setProperty("java.io.tmpdir", arguments[0]);
    try {
      NativeFolder.choose();
    } catch (NativeFolder.NativeFolderException e) {
      System.out.println(e.getMessage());
    }
  }
}
