"""Starts a child by multiprocessing once it has read a line."""
import multiprocessing
import traceback

print("ready", flush=True)
input()
try:
    multiprocessing.get_context("fork").Process(target=int).start()
    print("started", flush=True)
except OSError:
    traceback.print_exc()
input()
