"""Running programs and measuring them: time of a command and all its descendants, and the sum of
their proportional memory (PSS) while they run."""

import os
import signal
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Cost:
    user: float
    system: float
    wall: float

    @property
    def cpu(self) -> float:
        return self.user + self.system


def median(costs: list[Cost]) -> Cost:
    """CPU and wall time of the middle run. How CPU divides into user and system time is sampled by
    the kernel's tick, a few dozen times a run: that share is taken from all runs together."""
    cpu = statistics.median(cost.cpu for cost in costs)
    user = cpu * sum(cost.user for cost in costs) / sum(cost.cpu for cost in costs)
    return Cost(user, cpu - user, statistics.median(cost.wall for cost in costs))


class CommandFailed(Exception):
    pass


def start(commands: list[list[str]], log, environment=None) -> list[subprocess.Popen]:
    """Starts `commands` as a pipeline: each one's output is the next one's input."""
    processes = []
    source = subprocess.DEVNULL
    for i, command in enumerate(commands):
        last = i + 1 == len(commands)
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.DEVNULL if last else subprocess.PIPE,
            stderr=log, env=environment)
        if source not in (subprocess.DEVNULL, None):
            source.close()
        source = process.stdout
        processes.append(process)
    return processes


def require_success(commands: list[list[str]], processes: list[subprocess.Popen],
                    log_path: Path) -> None:
    statuses = [process.returncode for process in processes]
    # tar leaves at the archive's end mark, and the zeros behind it kill whoever writes them.
    writers = [0 if status == -signal.SIGPIPE else status for status in statuses[:-1]]
    if any(writers) or statuses[-1] != 0:
        raise CommandFailed(f"{commands} ended with {statuses}:\n"
                            f"{log_path.read_text(errors='replace')}")


def kill_all(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.kill()


def run(commands: list[list[str]], log_path: Path, environment=None) -> Cost:
    """Runs a pipeline and returns what it cost with everything that it started and waited for."""
    with open(log_path, "wb") as log:
        began = time.monotonic()
        processes = start(commands, log, environment)
        watchdog = threading.Timer(PATIENCE_SECONDS, kill_all, [processes])
        watchdog.start()
        user = system = 0.0
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            user += usage.ru_utime
            system += usage.ru_stime
        wall = time.monotonic() - began
        watchdog.cancel()
    require_success(commands, processes, log_path)
    return Cost(user, system, wall)


def descendants(root: int) -> list[int]:
    """`root` and every process below it."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                # pid (command) state ppid: the command may hold anything, so look behind the last ')'
                stat = Path(f"/proc/{entry}/stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parent = int(stat[stat.rindex(")") + 2:].split()[1])
            children.setdefault(parent, []).append(int(entry))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo.extend(children.get(pid, []))
    return found


def pss_kib(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            for line in rollup:
                if line.startswith("Pss:"):
                    return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def peak_pss_mib(commands: list[list[str]], log_path: Path, environment=None) -> float:
    """Runs a pipeline, sampling the memory of all its processes; returns the highest sum seen."""
    peak = 0
    done = threading.Event()
    with open(log_path, "wb") as log:
        processes = start(commands, log, environment)

        def sample() -> None:
            nonlocal peak
            while not done.wait(0.005):
                total = sum(pss_kib(pid) for process in processes
                            for pid in descendants(process.pid))
                peak = max(peak, total)

        sampler = threading.Thread(target=sample)
        sampler.start()
        for process in processes:
            process.wait()
        done.set()
        sampler.join()
    require_success(commands, processes, log_path)
    return peak / 1024
