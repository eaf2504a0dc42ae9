// A network in the formats of other programs, as the bytes of a file. Each takes and gives what
// UNet::forward() takes and gives; docs/models.md says how to prepare frames for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "proxseg/nn/export/safetensors.h"
#include "proxseg/nn/unet.h"

namespace proxseg {

// ONNX, opset 13, from "input" to "output", both [N, C, H, W] float32 of any N and of H, W that are
// multiples of stride_of(), at least twice that with Padding::kReflect. Batch norms are folded into
// their convolutions. Only operators that OpenCV 4.6's cv::dnn reads. metadata: metadata_props.
// Throws UsageError for Norm::kGroup, and for a network with folded norms.
std::string to_onnx(const UNet& network, const Metadata& metadata = {});

// A TorchScript module whose parameters have the names of UNet::state(); any H, W as the network,
// but at least twice stride_of() with Padding::kReflect. metadata: extra files of the archive.
// Throws UsageError for a network with folded norms.
std::string to_torchscript(const UNet& network, const Metadata& metadata = {});

// Loads what to_torchscript() made and applies it to x.
torch::Tensor forward_torchscript(const std::string& bytes, const torch::Tensor& x);

// A pickle of (name, tensor) pairs: dict(torch.load(FILE, weights_only=True)) is a state_dict in
// Python. Throws UsageError for a network with folded norms.
std::string to_state_dict(const UNet& network);
std::vector<NamedTensor> parse_state_dict(const std::string& bytes);

// Compares network, in inference mode, with a copy of it that runs elsewhere, on fixed random
// inputs of two sizes. Returns the largest absolute difference of their outputs. Throws
// NumericsError if it exceeds a thousandth of the largest output, or of 1 if that is smaller.
double check_parity(UNet& network, const std::function<torch::Tensor(const torch::Tensor&)>& copy);

}  // namespace proxseg
