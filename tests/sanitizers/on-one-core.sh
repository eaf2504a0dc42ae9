#!/bin/sh
# Runs a program on one core, any of them.
exec taskset -c $(($$ % $(nproc))) "$@"
