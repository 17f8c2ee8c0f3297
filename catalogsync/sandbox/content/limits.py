"""What a job's process may use; set by itself before it opens anything that was uploaded."""

import os
import sys

# What is written to, of which libraries come some 150 MiB on top: together at most 1 GiB is resident. Addresses are
# cheap, and the engine's threads reserve many.
DATA_BYTES = 832 * 1024**2
ADDRESS_BYTES = 3 * 1024**3
CPU_SECONDS = 120
NICENESS = 15
SET_PARENT_DEATH_SIGNAL = 1


def limit_this_process(server: int | None = None) -> None:
    """Behind the server in line for the processor; bounded memory and time, no core dumps, where the platform can.

    `server`: the number of the process that this one is to end with; by default its parent's.
    """
    if sys.platform == "win32":
        return
    import resource

    os.nice(NICENESS)
    wanted = [(resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)]
    if sys.platform == "linux":  # elsewhere address space is not what is used
        wanted += [(resource.RLIMIT_DATA, DATA_BYTES), (resource.RLIMIT_AS, ADDRESS_BYTES)]
    for kind, most in wanted:
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, hard))
    if sys.platform == "linux":
        end_with(os.getppid() if server is None else server)


def end_with(server: int) -> None:
    """A server that is killed cannot end its jobs; the kernel does (prctl(2), PR_SET_PDEATHSIG), from now on.

    One that was killed while this process was starting has given it another parent.
    """
    import ctypes
    import signal

    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != server:
        sys.exit("the server is gone")
