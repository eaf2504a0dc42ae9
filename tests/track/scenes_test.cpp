// How well identities are kept in generated scenes, whose objects are known.
#include <gtest/gtest.h>

#include "proxseg/segment/network_segmenter.h"
#include "proxseg/segment/session.h"
#include "support/temporary_folder.h"
#include "track/follow.h"

namespace proxseg {
namespace {

SynthOptions street(int64_t objects, uint64_t seed) {
  SynthOptions options;
  options.frames = 150;
  options.objects = objects;
  options.seed = seed;
  return options;
}

struct TrueMasks : testing::TestWithParam<int> {};

TEST_P(TrueMasks, KeepIdentitiesBetterThanOverlapAlone) {
  double ours = 0.0, plain = 0.0;
  constexpr int kSeeds = 3;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const TrackComparison scene = compare_trackers(street(GetParam(), seed));
    ours += scene.ours.idf1 / kSeeds;
    plain += scene.plain.idf1 / kSeeds;
  }
  EXPECT_GE(ours, 0.9);
  EXPECT_GE(ours, plain);
}

INSTANTIATE_TEST_SUITE_P(Objects, TrueMasks, testing::Values(1, 2, 4, 6));

TEST(GenericMasks, KeepIdentitiesThroughTheWholeProgram) {
  const TemporaryFolder folder;
  SynthOptions options = street(4, 1);
  options.width = 240;
  options.height = 180;
  generate_sequence(options, folder / "street");
  NetworkSegmenter segmenter(load_model("generic"));
  ExportOptions exported;
  exported.save = {Product::kTracks};
  infer_sequence(segmenter, {folder / "street", "street"}, folder / "out", {}, exported);
  const TrackMeasures measures = measure_tracks(read_motchallenge(folder / "out/tracks.txt"),
                                                read_motchallenge(folder / "street/tracks.txt"));
  EXPECT_GE(measures.idf1, 0.8);
}

}  // namespace
}  // namespace proxseg
