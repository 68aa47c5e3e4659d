package org.simclrspark.worker.machine;

/**
 * A GPU of this machine, as NVIDIA's driver tells of it.
 *
 * @param index as nvidia-smi counts
 * @param uuid such as GPU-8a5f..., or that of a part of it (MIG) such as MIG-c738...
 * @param name such as NVIDIA H100
 * @param driver version of the driver, such as 580.65.06
 * @param major of its compute capability
 * @param minor of its compute capability
 */
public record GpuDevice(int index, String uuid, String name, String driver, int major, int minor) {

  /** Reads a line of nvidia-smi. */
  static GpuDevice parse(String line) {
    String[] fields = line.split("\\s*,\\s*", -1);
    if (fields.length != 5 || !fields[4].matches("\\d+\\.\\d+")) {
      throw new DeviceException(
          "nvidia-smi must tell index, uuid, name, driver and compute capability of each GPU,"
              + " found "
              + line
              + ". Update NVIDIA's driver.");
    }
    String[] capability = fields[4].split("\\.", -1);
    return new GpuDevice(
        Integer.parseInt(fields[0]),
        fields[1],
        fields[2],
        fields[3],
        Integer.parseInt(capability[0]),
        Integer.parseInt(capability[1]));
  }

  /**
   * Whether the build of libtorch has machine code for it: it holds that of 7.5, 8.0, 9.0, 10.0 and
   * 12.0, which later minor versions run, and nothing that the driver could translate.
   */
  public boolean runsLibtorch() {
    return (major == 7 && minor >= 5) || (major >= 8 && major <= 10) || major == 12;
  }

  /** Whether it is a part of a GPU (MIG). */
  public boolean isPart() {
    return uuid.startsWith("MIG-");
  }

  /** A part of it (MIG). */
  GpuDevice part(String partUuid) {
    return new GpuDevice(index, partUuid, name, driver, major, minor);
  }

  /** What to call it by in messages: as Spark does. */
  public String address() {
    return isPart() ? uuid : Integer.toString(index);
  }

  /**
   * Its place among those that CUDA shows to a process, or -1 where it is none of them.
   *
   * @param visible value of CUDA_VISIBLE_DEVICES: indices, or beginnings of UUIDs
   */
  public int position(String visible) {
    String[] shown = visible.strip().split("\\s*,\\s*", -1);
    for (int i = 0; i < shown.length; i++) {
      boolean isNamed = shown[i].matches("(GPU|MIG)-.+") && uuid.startsWith(shown[i]);
      if (isNamed || (!isPart() && shown[i].equals(Integer.toString(index)))) {
        return i;
      }
    }
    return -1;
  }

  /** Major version of the driver; 0 where that is not told. */
  int driverMajor() {
    String first = driver.split("\\.", -1)[0];
    return first.matches("\\d+") ? Integer.parseInt(first) : 0;
  }
}
