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
final class CopyStream {

  private final Device device;
  private final DeviceGuardImplInterface cuda;
  private final Stream copies;

  CopyStream(Device device) {
    this.device = device;
    cuda = torch.getDeviceGuardImpl(device.type());
    copies = cuda.getStreamFromGlobalPool(device, false);
    copies.retainReference();
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
    PointerPointer<Pointer> arrived = new PointerPointer<Pointer>(1).put(0, (Pointer) null);
    cuda.record(arrived, copies, device.index(), EventFlag.PYTORCH_DEFAULT);
    cuda.block(arrived.get(0), compute);
    cuda.destroyEvent(arrived.get(0), device.index());
    return copy;
  }
}
