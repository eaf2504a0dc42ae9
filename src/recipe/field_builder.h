// Builds one row of the table of fields from a key and the member of Recipe it stands for.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "proxseg/recipe/fields.h"

namespace proxseg {

// The names of the enum constants that recipes may hold, each declared once.
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

// The member of a recipe at the end of a chain of pointers to members.
template <typename... Members>
auto at(Members... members) {
  return [=](auto& recipe) -> auto& { return (recipe.*....*members); };
}

template <typename T>
FieldValue value_of(const T& member) {
  if constexpr (std::is_enum_v<T>) {
    for (const auto& [constant, name] : names_of(T{})) {
      if (constant == member) return std::string(name);
    }
    throw std::logic_error("an enum constant of the recipe has no name in field_builder.h");
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    return static_cast<int64_t>(member);
  } else {
    return member;
  }
}

template <typename T>
void assign(T& member, const FieldValue& value) {
  if constexpr (std::is_enum_v<T>) {
    for (const auto& [constant, name] : names_of(T{})) {
      if (name == std::get<std::string>(value)) member = constant;
    }
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    member = static_cast<uint64_t>(std::get<int64_t>(value));
  } else {
    member = std::get<T>(value);
  }
}

template <typename T>
constexpr FieldType type_of() {
  if (std::is_enum_v<T>) return FieldType::kChoice;
  if (std::is_same_v<T, bool>) return FieldType::kBool;
  if (std::is_integral_v<T>) return FieldType::kInteger;
  return std::is_floating_point_v<T> ? FieldType::kReal : FieldType::kText;
}

// A field whose type and choices follow from the type of the member.
template <typename Member>
Field field(std::string key, Member member, std::string help, Bounds bounds = {},
            std::string unit = {}) {
  using T = std::remove_cvref_t<decltype(member(std::declval<Recipe&>()))>;
  std::vector<std::string> choices;
  if constexpr (std::is_enum_v<T>) {
    for (const auto& entry : names_of(T{})) choices.emplace_back(entry.second);
  }
  return {std::move(key),
          type_of<T>(),
          bounds,
          std::move(choices),
          std::move(unit),
          std::move(help),
          [=](const Recipe& recipe) { return value_of(member(recipe)); },
          [=](Recipe& recipe, const FieldValue& value) { assign(member(recipe), value); }};
}

}  // namespace proxseg
