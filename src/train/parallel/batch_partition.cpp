#include "train/parallel/batch_partition.h"

#include <vector>

namespace proxseg {

Range BatchPartition::part_of(int64_t size, int64_t rank) const {
  const int64_t first = size * rank / processes_.size();
  return {first, size * (rank + 1) / processes_.size() - first};
}

torch::Tensor BatchPartition::to_rows(const torch::Tensor& x) const {
  if (processes_.size() == 1) return x;
  const int64_t c = x.size(1), w = x.size(3), own = rows().size;
  std::vector<torch::Tensor> sent;
  std::vector<int64_t> received;
  for (int64_t rank = 0; rank < processes_.size(); ++rank) {
    const auto [first, count] = rows_of(rank);
    sent.push_back(x.narrow(2, first, count).flatten());
    received.push_back(frames_of(rank).size * c * own * w);
  }
  return processes_.exchange(sent, received).view({total_frames_, c, own, w});
}

torch::Tensor BatchPartition::to_frames(const torch::Tensor& x) const {
  if (processes_.size() == 1) return x;
  const int64_t c = x.size(1), w = x.size(3), own = frames().size;
  std::vector<torch::Tensor> sent, parts;
  std::vector<int64_t> received;
  for (int64_t rank = 0; rank < processes_.size(); ++rank) {
    const auto [first, count] = frames_of(rank);
    sent.push_back(x.narrow(0, first, count).flatten());
    received.push_back(own * c * rows_of(rank).size * w);
  }
  const auto flat = processes_.exchange(sent, received).split_with_sizes(received);
  for (int64_t rank = 0; rank < processes_.size(); ++rank) {
    parts.push_back(flat[static_cast<size_t>(rank)].view({own, c, rows_of(rank).size, w}));
  }
  return torch::cat(parts, 2);
}

}  // namespace proxseg
