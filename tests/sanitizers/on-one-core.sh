#!/bin/sh
# Runs a program on one core, any of them, and LibTorch, which looks for the machine's, on one thread.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
exec taskset -c $(($$ % $(nproc))) "$@"
