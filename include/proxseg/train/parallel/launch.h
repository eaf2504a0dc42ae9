// Which process of a distributed training this is, by the environment that its launcher sets.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace proxseg {

struct Launch {
  int rank = 0;        // among the processes of all hosts, from 0
  int size = 1;        // number of processes on all hosts
  int local_rank = 0;  // among the processes of this host, from 0: its GPU
  // Where rank 0 listens: MASTER_ADDR and MASTER_PORT, with any launcher.
  std::string address = "127.0.0.1";
  uint16_t port = 29500;
};

// The value of an environment variable, or null.
using Environment = std::function<const char*(const char*)>;

// Takes the first launcher whose variables for rank and size are both set:
//   torchrun and the like   RANK, WORLD_SIZE, LOCAL_RANK
//   mpirun of Open MPI      OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE, OMPI_COMM_WORLD_LOCAL_RANK
//   mpirun of MPICH, Intel  PMI_RANK, PMI_SIZE, MPI_LOCALRANKID
//   srun                    SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LOCALID
// Without any of them this is the only process. Throws UsageError for values that are not numbers
// or out of range.
Launch launch_of(const Environment& environment);
Launch launch_of_this_process();

}  // namespace proxseg
