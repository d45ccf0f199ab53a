// The system calls that remain (seccomp(2)), one list for each kind of work. A call outside its
// list raises SIGSYS: the handler writes its number to stderr and the signal ends the program, so
// that a forgotten call is a failed job with a name and never a silent hang.

#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>

#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fences.hh"
#include "base/handle.hh"

namespace slipway::fences {
namespace {

using FilterContext = Handle<void, seccomp_release>;

// Calls newer than the libseccomp we may be built with, by number (the same on all architectures).
constexpr int kFchmodat2 = 452;
constexpr int kSetxattrat = 463;

constexpr int kEverybody[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(lseek),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(eventfd2),
    SCMP_SYS(pipe2),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(membarrier),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fstatfs),
    SCMP_SYS(getdents64),
    SCMP_SYS(getrusage),
};

constexpr int kUnpack[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(mkdirat),
    SCMP_SYS(mknodat),
    SCMP_SYS(symlinkat),
    SCMP_SYS(linkat),
    SCMP_SYS(unlinkat),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(fchownat),
    SCMP_SYS(fchown),
    SCMP_SYS(lchown),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    kFchmodat2,
    SCMP_SYS(utimensat),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(fsetxattr),
    kSetxattrat,
    SCMP_SYS(getxattr),
    SCMP_SYS(lgetxattr),
    SCMP_SYS(fgetxattr),
    SCMP_SYS(listxattr),
    SCMP_SYS(llistxattr),
    SCMP_SYS(flistxattr),
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
    SCMP_SYS(fremovexattr),
    SCMP_SYS(truncate),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(pwrite64),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(fchdir),
    SCMP_SYS(chdir),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fsync),
    SCMP_SYS(statfs),
    SCMP_SYS(copy_file_range),
};

constexpr int kExport[] = {
    SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(openat2),    SCMP_SYS(fchdir),
    SCMP_SYS(chdir),     SCMP_SYS(getxattr),   SCMP_SYS(lgetxattr),  SCMP_SYS(fgetxattr),
    SCMP_SYS(listxattr), SCMP_SYS(llistxattr), SCMP_SYS(flistxattr), SCMP_SYS(statfs),
    SCMP_SYS(ftruncate), SCMP_SYS(pwrite64),
};

constexpr int kFetch[] = {
    SCMP_SYS(socket),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt),
    SCMP_SYS(socketpair),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(statfs),
    SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
};

constexpr int kCheck[] = {
    SCMP_SYS(open),           SCMP_SYS(openat),
    SCMP_SYS(openat2),        SCMP_SYS(fork),
    SCMP_SYS(vfork),          SCMP_SYS(execve),
    SCMP_SYS(wait4),          SCMP_SYS(waitid),
    SCMP_SYS(pipe),           SCMP_SYS(dup2),
    SCMP_SYS(dup3),           SCMP_SYS(close_range),
    SCMP_SYS(mkdir),          SCMP_SYS(mkdirat),
    SCMP_SYS(unlink),         SCMP_SYS(unlinkat),
    SCMP_SYS(rmdir),          SCMP_SYS(rename),
    SCMP_SYS(renameat),       SCMP_SYS(renameat2),
    SCMP_SYS(link),           SCMP_SYS(linkat),
    SCMP_SYS(symlink),        SCMP_SYS(symlinkat),
    SCMP_SYS(fchmod),         SCMP_SYS(chmod),
    SCMP_SYS(fchmodat),       SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),          SCMP_SYS(fdatasync),
    SCMP_SYS(pwrite64),       SCMP_SYS(utimensat),
    SCMP_SYS(umask),          SCMP_SYS(flock),
    SCMP_SYS(fadvise64),      SCMP_SYS(chdir),
    SCMP_SYS(fchdir),         SCMP_SYS(mlock),
    SCMP_SYS(munlock),        SCMP_SYS(getppid),
    SCMP_SYS(getpgrp),        SCMP_SYS(getpgid),
    SCMP_SYS(getsid),         SCMP_SYS(getgroups),
    SCMP_SYS(getresuid),      SCMP_SYS(getresgid),
    SCMP_SYS(capget),         SCMP_SYS(select),
    SCMP_SYS(pselect6),       SCMP_SYS(alarm),
    SCMP_SYS(times),          SCMP_SYS(statfs),
    SCMP_SYS(setrlimit),      SCMP_SYS(prctl),
    SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(getxattr),
};

// What a well-meaning library tries and can do without: an error instead of the program's end.
struct Refused {
    int call;
    int error;
};
constexpr Refused kRefused[] = {
    {SCMP_SYS(clone3), ENOSYS},
    {SCMP_SYS(ioctl), ENOTTY},
    {SCMP_SYS(prctl), EPERM},
    {SCMP_SYS(kill), EPERM},
    {SCMP_SYS(sched_setaffinity), EPERM},
    {SCMP_SYS(setpriority), EPERM},
};

constexpr scmp_datum_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

void check(int result) {
    if (result < 0 && result != -EEXIST) {
        throw Error(Kind::Unsupported, "cannot make the system call filter: {}",
                    errno_text(-result));
    }
}

class Builder {
public:
    Builder() : context_(seccomp_init(SCMP_ACT_TRAP)) {
        if (!context_) {
            throw Error(Kind::Unsupported, "cannot make the system call filter");
        }
        check(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
        check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1));
        check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_NNP, 0));
        check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2)); // a tree, not a list
    }

    template <typename List>
    void allow(const List& calls) {
        for (const int call : calls) {
            if (call >= 0) { // negative: not a call of this architecture
                check(seccomp_rule_add(context_.get(), SCMP_ACT_ALLOW, call, 0));
            }
        }
    }

    void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> when) {
        check(seccomp_rule_add_array(context_.get(), action, call,
                                     static_cast<unsigned>(when.size()), when.begin()));
    }

    void refuse(int call, int error) {
        check(seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call,
                               0));
    }

    void load() { check(seccomp_load(context_.get())); }

private:
    FilterContext context_;
};

// Called on the thread that made the forbidden call; only async-signal-safe calls.
void report(int, siginfo_t* info, void*) {
    char text[] = "system call 0000 is outside the filter of this program\n";
    constexpr std::size_t kDigits = 12; // where the number's four digits start
    int number = info->si_syscall;
    for (std::size_t i = kDigits + 4; i-- > kDigits; number /= 10) {
        text[i] = static_cast<char>('0' + number % 10);
    }
    static_cast<void>(!::write(STDERR_FILENO, text, sizeof text - 1));
    ::signal(SIGSYS, SIG_DFL);
    ::raise(SIGSYS);
}

// openat(2) that cannot write; openat2 is refused as a whole, since its flags lie in memory.
void allow_reading_opens(Builder& filter) {
    constexpr unsigned kWrites = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(openat), {SCMP_A2(SCMP_CMP_MASKED_EQ, kWrites, 0)});
    for (const scmp_datum_t mode : {O_WRONLY, O_RDWR}) {
        filter.add(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat),
                   {SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, mode)});
    }
    filter.refuse(SCMP_SYS(openat2), ENOSYS);
    filter.refuse(SCMP_SYS(open), ENOSYS);
}

} // namespace

void raise_seccomp(const Confinement& confinement) {
    struct sigaction action {};
    action.sa_sigaction = report;
    action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
    if (::sigaction(SIGSYS, &action, nullptr) < 0) {
        throw errno_error("cannot watch the system call filter");
    }
    Builder filter;
    filter.allow(kEverybody);
    const auto own = static_cast<scmp_datum_t>(::getpid());
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {SCMP_A0(SCMP_CMP_EQ, 0)});
    if (confinement.filter == Filter::Check) {
        filter.allow(kCheck); // and its children: tgkill of their own process ids
        filter.allow(std::initializer_list<int>{SCMP_SYS(tgkill)});
        filter.refuse(SCMP_SYS(socket), EACCES);
        // The whole process group and nobody else: how the engine is ended with its parent.
        filter.add(SCMP_ACT_ALLOW, SCMP_SYS(kill), {SCMP_A0(SCMP_CMP_EQ, 0)});
        filter.add(SCMP_ACT_ERRNO(EPERM), SCMP_SYS(kill), {SCMP_A0(SCMP_CMP_NE, 0)});
        // Children, but not in namespaces of their own: a user namespace would give them rights.
        filter.add(SCMP_ACT_ALLOW, SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaces, 0)});
    } else {
        filter.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), {SCMP_A0(SCMP_CMP_EQ, own)});
        filter.add(SCMP_ACT_ALLOW, SCMP_SYS(clone),
                   {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
    }
    if (confinement.filter == Filter::Unpack) {
        filter.allow(kUnpack);
    }
    if (confinement.filter == Filter::Export) {
        filter.allow(kExport);
    }
    if (confinement.filter == Filter::Fetch) {
        filter.allow(kFetch);
        allow_reading_opens(filter);
    }
    for (const auto& [call, error] : kRefused) {
        const bool has_own_rule = call == SCMP_SYS(prctl) || call == SCMP_SYS(kill);
        if (confinement.filter != Filter::Check || !has_own_rule) {
            filter.refuse(call, error);
        }
    }
    if (kSanitized) { // what their run-time libraries call at start, in reports and at the end
        filter.allow(std::initializer_list<int>{SCMP_SYS(open), SCMP_SYS(getppid),
                                                SCMP_SYS(sched_getparam), SCMP_SYS(gettid)});
    }
    filter.load();
}

} // namespace slipway::fences
