// Whether KVM runs the instructions of a virtual machine, and at a speed that is worth it.

#pragma once

namespace slipway::machine {

/// Runs a few thousand rounds of what kernels do all the time in a machine of its own (Linux'
/// Documentation/virt/kvm/api.rst): a /dev/kvm that opens may still run no kernel, or run it slower
/// than an emulator. Takes some hundredths of a second, and at most one.
bool kvm_works() noexcept;

} // namespace slipway::machine
