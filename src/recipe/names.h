// The names of the enum constants that recipes may hold, each declared once.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

template <typename Enum>
using EnumName = std::pair<Enum, std::string_view>;

// The argument only chooses the overload.
constexpr auto names_of(Precision) {
  return std::to_array<EnumName<Precision>>(
      {{Precision::kAuto, "auto"}, {Precision::kFloat32, "fp32"}, {Precision::kBFloat16, "bf16"}});
}

constexpr auto names_of(OnError) {
  return std::to_array<EnumName<OnError>>({{OnError::kRefuse, "refuse"}, {OnError::kSkip, "skip"}});
}

constexpr auto names_of(BackgroundMethod) {
  return std::to_array<EnumName<BackgroundMethod>>({{BackgroundMethod::kSettled, "settled"},
                                                    {BackgroundMethod::kMedian, "median"},
                                                    {BackgroundMethod::kFirst, "first"},
                                                    {BackgroundMethod::kFile, "file"}});
}

constexpr auto names_of(Form) {
  return std::to_array<EnumName<Form>>({{Form::kMasked, "masked"}, {Form::kSigned, "signed"}});
}

constexpr auto names_of(Norm) {
  return std::to_array<EnumName<Norm>>(
      {{Norm::kBatch, "batch"}, {Norm::kGroup, "group"}, {Norm::kNone, "none"}});
}

constexpr auto names_of(Padding) {
  return std::to_array<EnumName<Padding>>(
      {{Padding::kZeros, "zeros"}, {Padding::kReflect, "reflect"}});
}

constexpr auto names_of(Skip) {
  return std::to_array<EnumName<Skip>>(
      {{Skip::kConcat, "concat"}, {Skip::kDifference, "difference"}});
}

constexpr auto names_of(Gradient) {
  return std::to_array<EnumName<Gradient>>(
      {{Gradient::kProx, "prox"}, {Gradient::kSubgradient, "subgradient"}});
}

constexpr auto names_of(SpectralPenalty) {
  return std::to_array<EnumName<SpectralPenalty>>({{SpectralPenalty::kNuclear, "nuclear"},
                                                   {SpectralPenalty::kTruncated, "truncated"},
                                                   {SpectralPenalty::kWeighted, "weighted"},
                                                   {SpectralPenalty::kGamma, "gamma"},
                                                   {SpectralPenalty::kLogDet, "log_det"},
                                                   {SpectralPenalty::kSchatten, "schatten"}});
}

constexpr auto names_of(PriorTarget) {
  return std::to_array<EnumName<PriorTarget>>({{PriorTarget::kBackground, "background"},
                                               {PriorTarget::kForeground, "foreground"},
                                               {PriorTarget::kMask, "mask"}});
}

constexpr auto names_of(Sampling) {
  return std::to_array<EnumName<Sampling>>(
      {{Sampling::kRandom, "random"}, {Sampling::kFixed, "fixed"}});
}

constexpr auto names_of(OptimizerKind) {
  return std::to_array<EnumName<OptimizerKind>>({{OptimizerKind::kAdam, "adam"},
                                                 {OptimizerKind::kAdamW, "adamw"},
                                                 {OptimizerKind::kSgd, "sgd"}});
}

constexpr auto names_of(Schedule) {
  return std::to_array<EnumName<Schedule>>({{Schedule::kConstant, "constant"},
                                            {Schedule::kCosine, "cosine"},
                                            {Schedule::kStep, "step"}});
}

constexpr auto names_of(Engine) {
  return std::to_array<EnumName<Engine>>(
      {{Engine::kTorch, "torch"}, {Engine::kOpenCv, "opencv-dnn"}});
}

}  // namespace proxseg
