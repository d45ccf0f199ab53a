// The machine is one page of code in 64-bit mode, which switches its address space and exchanges 16
// bytes, again and again, and halts. A child runs it, and an alarm ends the child: nothing of it
// can hang here.

#include "machine/kvm_probe.hh"

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.hh"

namespace slipway::machine {
namespace {

constexpr suseconds_t kPatienceUs = 900'000;

#ifdef __x86_64__

constexpr std::size_t kMemoryBytes = 0x10000;
constexpr std::uint64_t kCode = 0x1000;
constexpr std::uint64_t kPageMaps = 0x2000; // three pages: levels 4, 3 and 2
constexpr std::uint64_t kExchanged = 0x5000;
constexpr std::uint64_t kRounds = 200'000; // about 30 ms where the processor does it itself

constexpr std::array<std::uint8_t, 16> kProgram{
    0x0F, 0x20, 0xD8,             // again: mov rax, cr3
    0x0F, 0x22, 0xD8,             //        mov cr3, rax
    0xF0, 0x48, 0x0F, 0xC7, 0x0F, //        lock cmpxchg16b [rdi]
    0xFF, 0xC9,                   //        dec ecx
    0x75, 0xF1,                   //        jnz again
    0xF4,                         //        hlt
};

// Intel's and AMD's manuals, volumes 3 and 2: control registers and page table entries.
constexpr std::uint64_t kCr0 = 0x8000'0011; // PE, ET, PG
constexpr std::uint64_t kCr4 = 0x20;        // PAE
constexpr std::uint64_t kEfer = 0x500;      // LME, LMA
constexpr std::uint64_t kPresentWritable = 0x3;
constexpr std::uint64_t kLargePage = 0x80;

void fill(std::uint8_t* memory) {
    std::memcpy(memory + kCode, kProgram.data(), kProgram.size());
    const std::array<std::uint64_t, 3> entries{kPageMaps + 0x1000 + kPresentWritable,
                                               kPageMaps + 0x2000 + kPresentWritable,
                                               kPresentWritable + kLargePage};
    for (std::size_t level = 0; level < entries.size(); ++level) {
        std::memcpy(memory + kPageMaps + level * 0x1000, &entries.at(level), sizeof entries[0]);
    }
}

bool set_registers(int cpu) {
    kvm_sregs special{};
    if (::ioctl(cpu, KVM_GET_SREGS, &special) < 0) {
        return false;
    }
    special.cr0 = kCr0;
    special.cr3 = kPageMaps;
    special.cr4 = kCr4;
    special.efer = kEfer;
    kvm_segment code{};
    code.limit = 0xFFFF'FFFF;
    code.selector = 8;
    code.type = 11; // execute, read, accessed
    code.present = 1;
    code.s = 1;
    code.l = 1; // 64-bit
    code.g = 1;
    special.cs = code;
    code.type = 3; // read, write, accessed
    code.selector = 16;
    code.l = 0;
    code.db = 1;
    special.ds = special.es = special.fs = special.gs = special.ss = code;
    kvm_regs general{};
    general.rip = kCode;
    general.rflags = 2;
    general.rdi = kExchanged;
    general.rcx = kRounds;
    return ::ioctl(cpu, KVM_SET_SREGS, &special) == 0 && ::ioctl(cpu, KVM_SET_REGS, &general) == 0;
}

bool halts() {
    const Fd kvm(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
    const Fd machine(kvm ? ::ioctl(kvm.get(), KVM_CREATE_VM, 0) : -1);
    void* memory =
        ::mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!machine || memory == MAP_FAILED) {
        return false;
    }
    fill(static_cast<std::uint8_t*>(memory));
    kvm_userspace_memory_region region{};
    region.memory_size = kMemoryBytes;
    region.userspace_addr = reinterpret_cast<std::uint64_t>(memory);
    const Fd cpu(::ioctl(machine.get(), KVM_CREATE_VCPU, 0));
    const int size = ::ioctl(kvm.get(), KVM_GET_VCPU_MMAP_SIZE, 0);
    if (!cpu || size < static_cast<int>(sizeof(kvm_run)) ||
        ::ioctl(machine.get(), KVM_SET_USER_MEMORY_REGION, &region) < 0 ||
        !set_registers(cpu.get())) {
        return false;
    }
    void* run = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED,
                       cpu.get(), 0);
    return run != MAP_FAILED && ::ioctl(cpu.get(), KVM_RUN, 0) == 0 &&
           static_cast<const kvm_run*>(run)->exit_reason == KVM_EXIT_HLT;
}

#else

bool halts() {
    return false; // the engine runs machines of x86-64 alone
}

#endif

} // namespace

bool kvm_works() noexcept {
    const pid_t child = ::fork();
    if (child == 0) {
        const itimerval patience{.it_interval = {}, .it_value = {0, kPatienceUs}};
        ::signal(SIGALRM, SIG_DFL);
        ::setitimer(ITIMER_REAL, &patience, nullptr);
        ::_exit(halts() ? 0 : 1);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

} // namespace slipway::machine
