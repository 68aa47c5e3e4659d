package org.simclrspark.driver.cluster;

import com.sun.security.auth.module.UnixSystem;
import java.util.stream.Stream;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * The user that Hadoop and Spark take this process for. A user id that the machine has no name for,
 * as containers have it that run under any id, makes Hadoop's login fail; here it gets one.
 */
public final class LoginUser {

  private LoginUser() {}

  /**
   * Logs in under the name that {@code HADOOP_USER_NAME} or {@code SPARK_USER} gives, or else the
   * user id, where the system knows no name. Must run before anything of Hadoop.
   */
  public static void ensure() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    UnixSystem system = new UnixSystem();
    if (system.getUsername() == null) {
      String name =
          Stream.of("HADOOP_USER_NAME", "SPARK_USER")
              .map(System::getenv)
              .filter(value -> value != null && !value.isBlank())
              .findFirst()
              .orElse(Long.toString(system.getUid()));
      System.setProperty("user.name", name);
      UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(name));
    }
  }

  /** The same as an agent, for the JVM of spark-submit, which logs in before it calls anybody. */
  public static void premain(String arguments) {
    ensure();
  }
}
