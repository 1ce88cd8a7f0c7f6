"""A process in which opening an internet socket is fatal; run as a program.

The kernel ends the process with SIGSYS at `socket(AF_INET or AF_INET6, ...)`, whoever calls it,
native code included. The first argument is the program to run.
"""

from __future__ import annotations

import ctypes
import platform
import socket
import struct
import sys

SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000


def forbid_internet() -> None:
    """Install the filter; see seccomp(2) for the layout of what it inspects."""
    instructions = [
        (LOAD, 0, 0, 0),  # number of the system call
        (JUMP_IF_EQUAL, 0, 4, SOCKET_CALL[platform.machine()]),
        (LOAD, 0, 0, 16),  # its first argument
        (JUMP_IF_EQUAL, 1, 0, int(socket.AF_INET)),
        (JUMP_IF_EQUAL, 0, 1, int(socket.AF_INET6)),
        (RETURN, 0, 0, KILL),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0


if __name__ == "__main__":
    forbid_internet()
    exec(sys.argv[1], {})
