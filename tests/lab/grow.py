"""A Python program that grows and starts children, as it is told on standard input:

write MEBIBYTES     bytes that are all written
reserve MEBIBYTES   bytes that nobody writes to
start WAY           a child, in that way

It says `ready PID` at first, and then answers each line with one: `ok`, `started`, or the error as Python words it.
"""

import multiprocessing
import os
import subprocess
import sys

kept = []


def nothing():
    pass


def start_process(method):
    process = multiprocessing.get_context(method).Process(target=nothing)
    process.start()
    process.join()
    if process.exitcode != 0:
        raise ChildProcessError(f"the child ended with {process.exitcode}")


def start_pool():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.apply(nothing)


def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


STARTS = {
    "Process": lambda: start_process("fork"),
    "Pool": start_pool,
    "os.fork": fork,
    "subprocess": lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True),
    "Process-spawn": lambda: start_process("spawn"),
}


def start(way):
    STARTS[way]()
    return "started"


def keep(buffer):
    kept.append(buffer)
    return "ok"


COMMANDS = {
    "write": lambda mebibytes: keep(b"\1" * (int(mebibytes) << 20)),
    "reserve": lambda mebibytes: keep(bytes(int(mebibytes) << 20)),
    "start": start,
}


def main():
    print("ready", os.getpid(), flush=True)
    for line in sys.stdin:
        command, word = line.split()
        try:
            answer = COMMANDS[command](word)
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        print(answer, flush=True)


if __name__ == "__main__":
    main()
