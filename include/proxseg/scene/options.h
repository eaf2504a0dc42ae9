// How the scene is modelled: the reference background, the form of the foreground, and how masks
// are cleaned up. Includes neither LibTorch nor OpenCV, so that recipes can hold it.
#pragma once

#include <cstdint>
#include <string>

namespace proxseg {

// How the network's output becomes foreground S and mask M of frames D with background B.
enum class Form {
  kMasked,  // M = sigmoid(f(D, B)); S = M * (D - B); mask = M > threshold. Sharper and more robust
  kSigned   // the paper: S = f(D), of any sign; mask = |S| > threshold
};

enum class BackgroundMethod {
  kSettled,  // per-pixel median over the frames that show no object there, however long one stood
  kMedian,   // per-pixel median over frames spread evenly over the clip; faster
  kFirst,    // per-pixel median of the first `frames` frames; for clips that begin empty
  kFile      // an image
};

struct BackgroundOptions {
  BackgroundMethod method = BackgroundMethod::kSettled;
  // At most this many frames enter the median. More of them see past objects that stand longer;
  // memory is frames x pixels bytes, and time grows with it. >= 1.
  int64_t frames = 200;
  // In seconds; kSettled and kMedian. A recording of more than one and a half of these is cut into parts of about
  // that length, and each has a background of its own. Lower it where the light changes within minutes; an object that
  // stands for most of a part becomes background. 0: one background for all.
  double period = 600.0;
  // kFile: an image of the frames' size, without objects.
  std::string file;
  // Differences from the background are divided by the pixel's own noise plus a floor. The floor
  // follows from the scene's noise; this is its upper limit, in [0, 1]. Lower it where objects
  // hardly differ from the background, raise it where noise is taken for objects. 0: all pixels
  // alike.
  double noise_floor = 20.0 / 255.0;
  // Align the frames of a camera that shakes, pans, zooms or is knocked, on a canvas of all that it shows;
  // those of a steady one are left as they are. Costs a search for corners in each frame where the
  // camera moves; turn it off where moving water or leaves are taken for a shaking camera.
  bool stabilize = true;
  // Compare frames in the background's light: by the exposure_gain() of the whole frame, for
  // automatic exposure and clouds, and where that is not enough by a field of Light, for lamps and
  // sunlight that wanders. Turn it off where objects fill most of the frame.
  bool follow_exposure = true;
};

struct MaskOptions {
  // On M in [0, 1] (masked form) or on |S| in [0, 1] (signed form), the largest over channels.
  // Lower values find more of each object, and more false alarms.
  double threshold = 0.5;
  // Masked form: what M exceeds by this alone belongs to an object, too, where it is connected with a pixel of
  // M > 0.95 (hysteresis, Canny 1986). Lower values complete objects that hardly differ from the background, and add
  // more of what surrounds others. From threshold on: nothing.
  double weak = 0.5;
  // Side of the median filter on the binary mask as a part of the image's shorter side, made odd.
  // A larger one removes more noise, and objects thinner than half of it. 0: none.
  double median = 0.02;
  // Remove cast shadows in colour video, and at night the light of headlamps (shadow.h); needs
  // noise_floor > 0. Turn it off where objects are darker and less colourful than the background, or
  // shine, and lose parts.
  bool remove_shadows = true;
  // Remove components (8-connected) that are a smaller part of the image. Lower it for tiny
  // objects, raise it against specks. 0: none.
  double min_area = 0.0005;
  // Fill holes inside a component that are a smaller part of the image. Lower it where the
  // background shows through objects. 0: none.
  double fill_holes = 0.004;
};

}  // namespace proxseg
