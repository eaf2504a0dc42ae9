// The images of a CDnet folder, PNG or BMP: ground truth and ROI.bmp.
#include "fuzz/write_bytes.h"
#include "proxseg/core/error.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/media/cdnet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace proxseg;
  // Other formats may stand for many pixels with few bytes.
  if (size == 0 || (data[0] != 0x89 && data[0] != 'B')) return 0;
  static const TemporaryFolder folder;
  const auto file = folder / "groundtruth/gt000001.png";
  write_bytes(file, data, size);
  write_bytes(folder / "ROI.bmp", data, size);
  try {
    const cv::Mat labels = GroundTruth(folder.string()).labels(file);
    // What was accepted is of the form that measures are taken from.
    if (labels.type() != CV_8UC1 || labels.empty()) __builtin_trap();
  } catch (const InputError&) {
  }
  return 0;
}
