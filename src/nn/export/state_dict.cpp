#include <torch/serialize.h>

#include "proxseg/nn/export/export.h"

namespace proxseg {

// A tuple of pairs: Python's safe loader refuses the typed dictionaries that LibTorch writes.
std::string to_state_dict(const UNet& network) {
  std::vector<c10::IValue> pairs;
  for (const auto& [name, tensor] : network.state()) {
    pairs.emplace_back(c10::ivalue::Tuple::create({name, tensor.contiguous()}));
  }
  const auto bytes = torch::pickle_save(c10::ivalue::Tuple::create(std::move(pairs)));
  return {bytes.begin(), bytes.end()};
}

std::vector<NamedTensor> parse_state_dict(const std::string& bytes) {
  const c10::IValue pairs = torch::pickle_load({bytes.begin(), bytes.end()});
  std::vector<NamedTensor> state;
  for (const c10::IValue& pair : pairs.toTupleRef().elements()) {
    const auto& elements = pair.toTupleRef().elements();
    state.emplace_back(elements[0].toStringRef(), elements[1].toTensor());
  }
  return state;
}

}  // namespace proxseg
