// Segments a webcam, or a video that OpenCV opens: webcam MODEL [VIDEO]. The first 100 frames, or all
// of a shorter video, teach it the scene; people may walk through it meanwhile. Writes a mask of every
// frame to masks.avi until the video ends or 1000 frames are done.
#include <cstdio>
#include <deque>
#include <exception>
#include <opencv2/videoio.hpp>

#include "proxseg/segment/network_segmenter.h"

int segment(const char* model, cv::VideoCapture& camera) {
  proxseg::NetworkSegmenter segmenter(proxseg::load_model(model));
  std::deque<cv::Mat> frames;
  for (cv::Mat frame; frames.size() < 100 && camera.read(frame);) frames.push_back(frame.clone());
  if (frames.empty()) return std::fprintf(stderr, "no frame can be read\n"), 4;
  segmenter.set_scene(
      proxseg::model_scene({frames.begin(), frames.end()}, segmenter.recipe().background));

  cv::VideoWriter writer("masks.avi", cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25.0,
                         frames[0].size(), /*isColor=*/false);
  int count = 0;
  for (cv::Mat next; !frames.empty() && count < 1000; frames.pop_front(), ++count) {
    writer.write(segmenter.segment({frames[0]}, {proxseg::Product::kMask}).front().mask);
    if (camera.read(next)) frames.push_back(next.clone());
  }
  std::printf("masks.avi: %d masks\n", count);
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: webcam MODEL [VIDEO]\n"), 2;
  cv::VideoCapture camera;
  if (!(argc > 2 ? camera.open(argv[2]) : camera.open(0))) {
    return std::fprintf(stderr, "cannot open the camera\n"), 4;
  }
  try {
    return segment(argv[1], camera);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
}
