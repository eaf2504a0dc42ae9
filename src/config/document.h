// A recipe file as a flat list of keys with their lines, before anybody asks what the keys mean.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace proxseg {

struct Document {
  struct Entry {
    std::string key;  // dotted
    // An object stands for a section, whose keys follow as entries of their own; an array is empty.
    nlohmann::json value;
    int line;  // of the key, from 1
  };
  struct Fault {
    std::string key;  // whose value could not be read; "" for other faults
    std::string text;
    int line;
  };
  std::vector<Entry> entries;  // in the order of the file
  std::vector<Fault> faults;
  bool complete = true;  // false: reading stopped at the last fault
};

// JSON with // and /* */ comments. Never throws: duplicate keys, syntax errors, text that is not
// UTF-8 and nesting too deep become faults.
Document parse_document(std::string_view text);

}  // namespace proxseg
