// "Did you mean": the known name nearest to a misspelt one.
#pragma once

#include <string>
#include <vector>

namespace proxseg {

// The candidate nearest to text by edit distance, or "" where none is near enough to be meant.
std::string nearest(const std::string& text, const std::vector<std::string>& candidates);

// The key of a field or section nearest to an unknown dotted key, or "". A name in the wrong
// section is near.
std::string nearest_key(const std::string& key);

// "\"modl\": unknown key; did you mean model?", or which keys its section has where none is near.
std::string unknown_key(const std::string& key);

// The names directly under a section of the recipe ("" is the top), "steps, batch, ..."; "" where
// it is none.
std::string names_under(const std::string& section);

// "; did you mean NAME?", or "" without a name.
std::string did_you_mean(const std::string& name);

}  // namespace proxseg
