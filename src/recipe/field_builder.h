// Builds one row of the table of fields from the key and the member of Recipe that it stands for.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "proxseg/recipe/fields.h"
#include "recipe/names.h"

namespace proxseg {

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
    throw std::logic_error("an enum constant of the recipe has no name in names.h");
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
