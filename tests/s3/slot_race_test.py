#!/usr/bin/env python3
"""Races for the slots of a log on a server of S3, which is killed and started again meanwhile.

Usage: slot_race_test.py --server versitygw|seaweedfs --program SLOT_RACE [--seconds N] [--writers N]
                          [--logs N] [--restarts N] [--pause S] [--within S] [--runs N]

Each run has a fresh server. Ends with 1 if any run found a fault (two winners of one slot, an object that was lost or
changed, a listing that missed one), with 77, which ctest counts as skipped, if the server is not installed.
"""

import argparse
import random
import subprocess
import sys
import time

import s3_server


def race(arguments, server):
    """One run. What the program said, and whether it found no fault."""
    program = subprocess.Popen([arguments.program, str(arguments.seconds), str(arguments.writers), str(arguments.logs)],
                               text=True, stdout=subprocess.PIPE, env=server.environment())
    for _ in range(arguments.restarts):
        time.sleep(arguments.seconds / (arguments.restarts + 1))
        server.kill()
        server.start()
        if arguments.pause > 0:
            time.sleep(random.random() * arguments.within)
            server.pause(arguments.pause)
    out, _ = program.communicate()
    return out, program.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, choices=tuple(s3_server.PROGRAMS))
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--logs", type=int, default=2)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--pause", type=float, default=0, help="so long the server stands still after each restart")
    parser.add_argument("--within", type=float, default=0.5, help="so soon after it answers the pause begins")
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    server_program = s3_server.find_server(arguments.server)
    if server_program is None:
        s3_server.say_not_installed(arguments.server)
        return s3_server.SKIPPED
    faulty = 0
    for run in range(arguments.runs):
        with s3_server.running(arguments.server, server_program) as server:
            out, is_clean = race(arguments, server)
        faulty += not is_clean
        print(f"run {run}: {out.strip()}", flush=True)
    print(f"{faulty} of {arguments.runs} runs found a fault of {arguments.server}")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
