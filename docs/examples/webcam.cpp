// Segments a webcam, or a video that OpenCV opens: webcam MODEL [VIDEO]. The first 100 frames teach
// the scene, whoever walks through it then. Writes masks.avi until the video ends or 1000 frames.
#include <opencv2/videoio.hpp>

#include <cstdio>

#include "proxseg/segment/network_segmenter.h"

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: webcam MODEL [VIDEO]\n"), 2;
  proxseg::NetworkSegmenter segmenter(proxseg::load_model(argv[1]));
  cv::VideoCapture camera;
  if (!(argc > 2 ? camera.open(argv[2]) : camera.open(0))) {
    return std::fprintf(stderr, "cannot open the camera\n"), 4;
  }

  std::vector<cv::Mat> first;
  for (cv::Mat frame; first.size() < 100 && camera.read(frame);) first.push_back(frame.clone());
  segmenter.set_scene(proxseg::model_scene(first, segmenter.recipe().background));

  cv::VideoWriter writer("masks.avi", cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25.0,
                         first[0].size(), /*isColor=*/false);
  cv::Mat frame;
  int count = 0;
  for (; count < 1000 && camera.read(frame); ++count) {
    writer.write(segmenter.segment({frame}, {proxseg::Product::kMask}).front().mask);
  }
  std::printf("masks.avi: %d masks\n", count);
  return 0;
}
