package org.simclrspark.worker.libtorch;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceGuardImplInterface;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.EventFlag;

/**
 * A second queue of a GPU: what is copied to it arrives while the first still computes, and what
 * the first is given afterwards waits for it.
 */
final class CopyStream implements AutoCloseable {

  private final Device device;
  private final DeviceGuardImplInterface cuda;
  private final Stream copies;

  /** Tells when the last copy is done; made by its first record. */
  private final PointerPointer<Pointer> arrived = new PointerPointer<>(1);

  CopyStream(Device device) {
    this.device = device;
    cuda = torch.getDeviceGuardImpl(device.type());
    copies = cuda.getStreamFromGlobalPool(device, false);
    copies.retainReference();
    arrived.retainReference();
    arrived.put(0, (Pointer) null);
  }

  /** Queues a copy of pinned memory, which is used again only once the copy is done. */
  Tensor upload(Tensor pinned) {
    Stream compute = cuda.getStream(device);
    Tensor copy;
    cuda.exchangeStream(copies);
    try {
      copy = pinned.to(device, pinned.scalar_type(), true, false, new MemoryFormatOptional());
    } finally {
      cuda.exchangeStream(compute);
    }
    // Its memory belongs to the queue of copies, which else would use it again too early.
    copy.record_stream(compute);
    cuda.record(arrived, copies, device.index(), EventFlag.PYTORCH_DEFAULT);
    cuda.block(arrived.get(0), compute);
    return copy;
  }

  @Override
  public void close() {
    if (arrived.get(0) != null) {
      cuda.destroyEvent(arrived.get(0), device.index());
    }
    arrived.close();
    copies.close();
  }
}
